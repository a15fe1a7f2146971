"""`innkeeper notifications …`"""

from typing import Annotated, Any

import typer

from innkeeper.interfaces.cli.asking import client_of, subject_asked_for, subject_named
from innkeeper.interfaces.cli.groups import Group, User, used
from innkeeper.interfaces.cli.printing import show_list, show_one

app = typer.Typer(
    name="notifications", help="Who hears by mail of what happens in folders.", no_args_is_help=True
)
Id = Annotated[str, typer.Argument(metavar="NOTIFICATION")]
Verbs = Annotated[list[str] | None, typer.Option("--of", help="upload, download, delete, rename; repeat it.")]
Every = Annotated[str | None, typer.Option("--every", help="5_minutes, 15_minutes, hourly, daily.")]
Below = Annotated[bool | None, typer.Option("--below/--only", help="The folders below too, or not.")]


@app.command("list")
def list_notifications(
    context: typer.Context,
    path: Annotated[str | None, typer.Option(help="Of exactly this folder.")] = None,
    user: User = None,
    group: Group = None,
) -> None:
    """List notifications, of a user, a group or a folder."""
    with client_of(context) as client:
        subject = subject_asked_for(client, user, group)
        found = client.notifications.iterate(subject_id=subject, path=path, limit=500)
        columns = ("path", "is_recursive", "verbs", "frequency", "subject_kind", "subject_id", "id")
        show_list(context, found, columns)


@app.command("add")
def add_notification(
    context: typer.Context,
    path: str,
    user: User = None,
    group: Group = None,
    verbs: Verbs = None,
    every: Every = None,
    below: Below = None,
) -> None:
    """Let a user, or everyone in a group, hear of a folder from now on."""
    with client_of(context) as client:
        kind, subject = subject_named(client, user, group)
        how: dict[str, Any] = used(verbs=verbs, frequency=every, is_recursive=below, subject_kind=kind)
        show_one(context, client.notifications.add(path, subject, **how))


@app.command("edit")
def edit_notification(
    context: typer.Context, notification: Id, verbs: Verbs = None, every: Every = None, below: Below = None
) -> None:
    """Change what is told and how often."""
    with client_of(context) as client:
        how: dict[str, Any] = used(verbs=verbs, frequency=every, is_recursive=below)
        show_one(context, client.notifications.edit(notification, **how))


@app.command("remove")
def remove_notification(context: typer.Context, notification: Id) -> None:
    """Take a notification away."""
    with client_of(context) as client:
        client.notifications.remove(notification)


@app.command("refuse")
def refuse_notification(context: typer.Context, notification: Id) -> None:
    """Hear no more of a folder oneself; the others in the group still do."""
    with client_of(context) as client:
        client.notifications.refuse(notification)
