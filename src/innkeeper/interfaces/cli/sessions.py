"""`innkeeper sessions …` and `connections …`"""

from typing import Annotated, Literal

import typer

from innkeeper.interfaces.cli.arguments import Id, Of, Who
from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.printing import show_list

sessions = typer.Typer(name="sessions", help="Sign-ins.", no_args_is_help=True)
connections = typer.Typer(name="connections", help="Open links at the doors.", no_args_is_help=True)

# As the client has it, which takes a tenth of a second to import.
Interface = Literal["sftp", "ftps", "webdav", "web", "api", "desktop"]
Door = Annotated[Interface | None, typer.Option("--interface", help="Only at this door.")]
From = Annotated[str | None, typer.Option("--address", help="Only from this address.")]
At = Annotated[Interface | None, typer.Option("--interface", help="Only there; web is browsers.")]


@sessions.command("list")
def list_sessions(context: typer.Context, user: Of = None, interface: At = None) -> None:
    """List open sessions."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        columns = ("user_id", "interface", "client", "address", "last_used_at", "id")
        found = client.sessions.iterate(user_id=owner, interface=interface, limit=500)
        show_list(context, found, columns)


@sessions.command("end")
def end_session(context: typer.Context, session: Id) -> None:
    """End a session."""
    with client_of(context) as client:
        client.sessions.end(session)


@sessions.command("end-all")
def end_sessions(
    context: typer.Context,
    user: Who,
    interface: At = None,
    *,
    keep_own: Annotated[bool, typer.Option("--keep-own", help="But the one of this very command.")] = False,
) -> None:
    """End every open session of a user."""
    with client_of(context) as client:
        ended = client.users.end_sessions(user_id(client, user), interface=interface, keep_own=keep_own)
        typer.echo(f"{ended} ended")


@connections.command("list")
def list_connections(
    context: typer.Context, user: Of = None, interface: Door = None, address: From = None
) -> None:
    """List open connections."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        columns = ("user_id", "interface", "address", "client", "started_at", "current_path", "id")
        found = client.connections.iterate(user_id=owner, interface=interface, address=address, limit=500)
        show_list(context, found, columns)


@connections.command("end")
def end_connection(context: typer.Context, connection: Id) -> None:
    """End a connection."""
    with client_of(context) as client:
        client.connections.end(connection)


@connections.command("end-all")
def end_connections(
    context: typer.Context,
    user: Of = None,
    interface: Door = None,
    address: From = None,
    *,
    everyone: Annotated[bool, typer.Option("--everyone", help="Needed to end all of the site's.")] = False,
) -> None:
    """End the open connections of a user, at a door, or from an address."""
    if not (everyone or user or interface or address):
        raise typer.BadParameter("name a user, an interface or an address; or say --everyone")
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        ended = client.connections.end_all(user_id=owner, interface=interface, address=address)
        typer.echo(f"{ended} ended")
