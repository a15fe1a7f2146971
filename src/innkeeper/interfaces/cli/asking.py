"""What every command needs: the client, the form of the output, one clear line for what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import typer

from innkeeper.interfaces.cli.kept import login_of, server_of

if TYPE_CHECKING:
    from innkeeper_client import Client


SubjectKind = Literal["user", "group"]


class Output(StrEnum):
    """How answers are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(slots=True)
class Remote:
    """What the options before the command said."""

    server: str = ""
    api_key: str = ""
    output: Output = Output.TABLE


def remote_of(context: typer.Context) -> Remote:
    """What the options before the command said."""
    remote: Remote = context.find_root().obj
    return remote


@contextmanager
def client_of(context: typer.Context) -> Iterator["Client"]:
    """The client for this command, with the API key that was given or else the login that is kept."""
    # httpx takes a tenth of a second to import, which `innkeeper serve` should not pay.
    from innkeeper_client import Client

    remote = remote_of(context)
    server = server_of(remote.server)
    kept = login_of(server)
    if not remote.api_key and not kept.exists():
        fail(f"not signed in to {server}: run 'innkeeper login', or give --api-key before the command")
    with in_one_line(), Client(remote.api_key, server, login=kept) as client:
        yield client


@contextmanager
def in_one_line() -> Iterator[None]:
    """Any refusal becomes one line on standard error and exit code 1."""
    from innkeeper_client import InnkeeperError

    try:
        yield
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


def subject_named(client: "Client", user: str | None, group: str | None) -> tuple[SubjectKind, str]:
    """The kind and the id of the one user or group that was named; raises BadParameter or NotFound."""
    if group is not None and user is None:
        return "group", group_id(client, group)
    if user is not None and group is None:
        return "user", user_id(client, user)
    raise typer.BadParameter("name either --user or --group")


def subject_asked_for(client: "Client", user: str | None, group: str | None) -> str | None:
    """The id of the user or group that a list is narrowed to, if it is."""
    return None if user is None and group is None else subject_named(client, user, group)[1]


def folder_id(client: "Client", path: str) -> str:
    """The id of the folder with this path or id; raises NotFound."""
    return path if looks_like_id(path) else client.folders.find(path).id


def looks_like_id(text: str) -> bool:
    """True for 36 characters in the form of a UUID."""
    parts = text.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12]
