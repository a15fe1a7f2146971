"""`innkeeper api-keys …`: list, create, edit, revoke."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from innkeeper.interfaces.cli.arguments import Expires, Id, Of, Who
from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.fields import emptied
from innkeeper.interfaces.cli.groups import time_of
from innkeeper.interfaces.cli.printing import show_list, show_one

app = typer.Typer(name="api-keys", help="Tokens for the API.", no_args_is_help=True)
EMPTY: dict[str, Any] = {"scopes": [], "allowed_ips": [], "expires_at": None}
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="What it may do, like users:read; without any, all that its user may."),
]
Addresses = Annotated[list[str] | None, typer.Option("--allowed-ip", help="Works only from here.")]
COLUMNS = ("user_id", "name", "prefix", "is_read_only", "scopes", "last_used_at", "removal_at", "id")


class View(StrEnum):
    """The keys that deserve a look."""

    ALL = "all"
    UNUSED = "unused"
    EXPIRING = "expiring"
    OLD = "old"


@app.command("list")
def list_keys(
    context: typer.Context,
    user: Of = None,
    text: Annotated[str, typer.Option(help="In owner, name and prefix.")] = "",
    view: Annotated[View, typer.Option(help="Those that deserve a look, and why.")] = View.ALL,
) -> None:
    """List keys, of a user, of all, or those that deserve a look."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        found = client.api_keys.iterate(user_id=owner, text=text, view=view.value, limit=500)
        show_list(context, found, COLUMNS)


@app.command("create")
def create_key(
    context: typer.Context,
    user: Who,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    *,
    read_only: Annotated[bool, typer.Option("--read-only", help="It may change nothing.")] = False,
    scopes: Scopes = None,
    allowed_ips: Addresses = None,
    expires_at: Expires = None,
) -> None:
    """Make a key; its token is shown this once."""
    limits: Any = {"scopes": scopes or (), "allowed_ips": allowed_ips or ()}
    expires = time_of("--expires-at", expires_at)
    with client_of(context) as client:
        owner = user_id(client, user)
        show_one(
            context,
            client.api_keys.create(owner, name, is_read_only=read_only, expires_at=expires, **limits),
        )


@app.command("edit")
def edit_key(
    context: typer.Context,
    key: Id,
    name: Annotated[str | None, typer.Option(help="What the key is for.")] = None,
    scopes: Scopes = None,
    allowed_ips: Addresses = None,
    expires_at: Expires = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="FIELD", help="Empty scopes, allowed-ip or expires-at."),
    ] = None,
) -> None:
    """Change name, scopes, addresses or end; they count from the next request on."""
    given = {"name": name, "scopes": scopes, "allowed_ips": allowed_ips}
    given["expires_at"] = time_of("--expires-at", expires_at)
    values: Any = {field: value for field, value in given.items() if value}
    values |= emptied(clear, values, EMPTY)
    with client_of(context) as client:
        show_one(context, client.api_keys.edit(key, **values))


@app.command("revoke")
def revoke_key(context: typer.Context, key: Id) -> None:
    """Make a key worthless."""
    with client_of(context) as client:
        client.api_keys.revoke(key)
