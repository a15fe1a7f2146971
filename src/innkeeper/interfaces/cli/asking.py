"""What every command needs: the client, the form of the output, one clear line for what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from innkeeper_client import Client


class Output(StrEnum):
    """How answers are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(slots=True)
class Remote:
    """What the options before the command said."""

    server: str = "http://127.0.0.1:8080"
    api_key: str = ""
    output: Output = Output.TABLE


def remote_of(context: typer.Context) -> Remote:
    """What the options before the command said."""
    remote: Remote = context.find_root().obj
    return remote


@contextmanager
def client_of(context: typer.Context) -> Iterator["Client"]:
    """The client for this command; any refusal becomes one line on standard error and exit code 1."""
    # httpx takes a tenth of a second to import, which `innkeeper serve` should not pay.
    from innkeeper_client import Client, InnkeeperError

    remote = remote_of(context)
    try:
        if not remote.api_key:
            fail("no API key: give --api-key before the command, or set INNKEEPER_API_KEY")
        with Client(remote.api_key, remote.server) as client:
            yield client
    except InnkeeperError as error:
        fail(error.message)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def fail(message: str) -> None:
    """One line on standard error, exit code 1."""
    typer.echo(f"innkeeper: {' '.join(message.split())}", err=True)
    raise typer.Exit(1)


def user_id(client: "Client", name: str) -> str:
    """The id of the user with this name or id; raises NotFound."""
    return name if looks_like_id(name) else client.users.find(name).id


def group_id(client: "Client", name: str) -> str:
    """The id of the group with this name or id; raises NotFound."""
    return name if looks_like_id(name) else client.groups.find(name).id


def folder_id(client: "Client", path: str) -> str:
    """The id of the folder with this path or id; raises NotFound."""
    return path if looks_like_id(path) else client.folders.find(path).id


def looks_like_id(text: str) -> bool:
    """True for 36 characters in the form of a UUID."""
    parts = text.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12]
