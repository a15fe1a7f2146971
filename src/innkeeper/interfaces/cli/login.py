"""`innkeeper login`, `logout` and `whoami`: signing in by a code that is typed into a browser."""

import re
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from innkeeper.interfaces.cli.asking import client_of, fail, in_one_line, remote_of
from innkeeper.interfaces.cli.kept import keep_server, login_of, server_of
from innkeeper.interfaces.cli.printing import show_one

if TYPE_CHECKING:
    from innkeeper_client import KeptLogin

Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="Ask only for this, like users:read; without any, for all that you may."),
]
Where = Annotated[str, typer.Option("--server", help="Where the server answers.")]


def login(context: typer.Context, server: Where = "", scopes: Scopes = None) -> None:
    """Sign in with a browser, on this machine or another; the commands after this one use it."""
    from innkeeper_client import Client

    address = server or server_of(remote_of(context).server)
    kept = login_of(address)
    with in_one_line(), Client(server=address) as client:
        code = client.logins.begin(client_name(), scopes=cast("Any", scopes or ()))
        typer.echo(f"Open {code.verification_uri} in a browser and enter the code {code.user_code}", err=True)
        typer.echo(f"or open {code.verification_uri_complete}", err=True)
        typer.echo("Waiting for you to answer there …", err=True)
        tokens = client.logins.wait(code)
        _end(kept, address)
        kept.keep(tokens)
        keep_server(address)
    with in_one_line(), Client(server=address, login=kept) as client:
        typer.echo(f"Signed in to {address} as {client.me.get().username}.")


def logout(context: typer.Context, server: Where = "") -> None:
    """Sign out: the login that `innkeeper login` made becomes worthless, here and at the server."""
    address = server or server_of(remote_of(context).server)
    kept = login_of(address)
    if not kept.exists():
        fail(f"nobody is signed in to {address} here")
    is_told = _end(kept, address)
    kept.forget()
    if not is_told:
        fail(f"removed here, but {address} could not be told: end the session in its console")
    typer.echo(f"Signed out of {address}.")


def whoami(context: typer.Context) -> None:
    """Show the user as whom these commands act."""
    with client_of(context) as client:
        show_one(context, client.me.get())


def client_name() -> str:
    """By what name the user will know this program: where it runs is what tells two of them apart."""
    host = re.sub(r"[^A-Za-z0-9._-]+", "-", socket.gethostname()).strip("-")
    return f"innkeeper on {host}"[:80] if host else "innkeeper"


def _end(kept: "KeptLogin", address: str) -> bool:
    """Make an earlier login worthless; False if the server did not hear of it."""
    from innkeeper_client import Client, InnkeeperError

    with suppress(InnkeeperError), Client(server=address) as client:
        client.logins.end(kept.load())
        return True
    return not kept.exists()
