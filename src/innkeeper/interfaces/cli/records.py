"""`innkeeper events …` and `settings …`"""

import json
from itertools import islice
from typing import Annotated, Any

import typer

from innkeeper.interfaces.cli.arguments import Of
from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.groups import time_of
from innkeeper.interfaces.cli.printing import show_list, show_one

events = typer.Typer(name="events", help="The activity log.", no_args_is_help=True)
settings = typer.Typer(name="settings", help="What holds for the whole site.", no_args_is_help=True)


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
