"""`innkeeper ssh-keys …`, `api-keys …`, `events …` and `settings …`"""

import json
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.groups import time_of
from innkeeper.interfaces.cli.printing import show_list, show_one

ssh_keys = typer.Typer(name="ssh-keys", help="Public keys of users.", no_args_is_help=True)
api_keys = typer.Typer(name="api-keys", help="Tokens for the API.", no_args_is_help=True)
events = typer.Typer(name="events", help="The activity log.", no_args_is_help=True)
settings = typer.Typer(name="settings", help="What holds for the whole site.", no_args_is_help=True)

Of = Annotated[str | None, typer.Option("--user", help="Of this user, by name or id.")]
Who = Annotated[str, typer.Argument(metavar="USER", help="User name or id.")]
Id = Annotated[str, typer.Argument(metavar="ID")]
Expires = Annotated[str | None, typer.Option("--expires-at", metavar="TIME", help="Worthless from then on.")]


@ssh_keys.command("list")
def list_ssh_keys(
    context: typer.Context,
    user: Of = None,
    fingerprint: Annotated[str | None, typer.Option(help="Like SHA256:…")] = None,
) -> None:
    """List keys, of a user or of a fingerprint."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        found = client.ssh_keys.iterate(user_id=owner, fingerprint=fingerprint, limit=500)
        show_list(context, found, ("user_id", "label", "algorithm", "fingerprint", "last_used_at", "id"))


@ssh_keys.command("add")
def add_ssh_key(
    context: typer.Context,
    user: Who,
    key: Annotated[str, typer.Argument(help="A public key line, or the name of a file that holds one.")],
    label: Annotated[str, typer.Option(help="What the key is called.")] = "",
    expires_at: Expires = None,
) -> None:
    """Give a user a key."""
    with client_of(context) as client:
        line = key if " " in key.strip() else Path(key).read_text(errors="replace")
        expires = time_of("--expires-at", expires_at)
        show_one(
            context, client.ssh_keys.add(user_id(client, user), line.strip(), label=label, expires_at=expires)
        )


@ssh_keys.command("remove")
def remove_ssh_key(context: typer.Context, key: Id) -> None:
    """Take a key away; connections that it opened end."""
    with client_of(context) as client:
        client.ssh_keys.remove(key)


@api_keys.command("list")
def list_api_keys(context: typer.Context, user: Of = None) -> None:
    """List keys."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        found = client.api_keys.iterate(user_id=owner, limit=500)
        show_list(context, found, ("user_id", "name", "prefix", "is_read_only", "last_used_at", "id"))


@api_keys.command("create")
def create_api_key(
    context: typer.Context,
    user: Who,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    *,
    read_only: Annotated[bool, typer.Option("--read-only", help="It may change nothing.")] = False,
    allowed_ips: Annotated[
        list[str] | None, typer.Option("--allowed-ip", help="Works only from here.")
    ] = None,
    expires_at: Expires = None,
) -> None:
    """Make a key; its token is shown this once."""
    with client_of(context) as client:
        key = client.api_keys.create(
            user_id(client, user),
            name,
            is_read_only=read_only,
            allowed_ips=allowed_ips or (),
            expires_at=time_of("--expires-at", expires_at),
        )
        show_one(context, key)


@api_keys.command("revoke")
def revoke_api_key(context: typer.Context, key: Id) -> None:
    """Make a key worthless."""
    with client_of(context) as client:
        client.api_keys.revoke(key)


@events.command("list")
def list_events(
    context: typer.Context,
    user: Of = None,
    kind: Annotated[list[str] | None, typer.Option(help="Like user.suspended or login; repeatable.")] = None,
    text: Annotated[str | None, typer.Option(help="In names and addresses.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """List events, newest first."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        found = client.events.iterate(
            user_id=owner,
            kind=kind or (),
            text=text or "",
            since=time_of("--since", since),
            until=time_of("--until", until),
            limit=min(limit, 500),
        )
        columns = ("at", "kind", "actor_name", "interface", "address", "target")
        show_list(context, islice(found, limit), columns)


@settings.command("show")
def show_settings(context: typer.Context) -> None:
    """Show the site's settings."""
    with client_of(context) as client:
        show_one(context, client.settings.get())


@settings.command("edit")
def edit_settings(
    context: typer.Context,
    pairs: Annotated[list[str], typer.Argument(metavar="NAME=VALUE", help="VALUE is text or JSON.")],
) -> None:
    """Change some of the site's settings, like site_name='Our files' lockout_minutes=30."""
    with client_of(context) as client:
        show_one(context, client.settings.edit(**dict(_pair(text) for text in pairs)))


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r}; expected NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
