"""`innkeeper mails …`"""

from typing import Annotated, Any

import typer

from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.printing import show_list, show_one

mails = typer.Typer(name="mails", help="What the server writes to people.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="MAIL")]
STATES = ("queued", "sending", "sent", "failed", "unsent")


@mails.command("list")
def list_mails(
    context: typer.Context,
    user: Annotated[str | None, typer.Option("--user", help="To this user, by name or id.")] = None,
    state: Annotated[list[str] | None, typer.Option(help=", ".join(STATES))] = None,
) -> None:
    """List mails, newest first."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        asked: dict[str, Any] = {"user_id": owner, "state": state or (), "limit": 200}
        columns = ("created_at", "to", "kind", "subject", "state", "error", "id")
        show_list(context, client.mails.iterate(**asked), columns)


@mails.command("show")
def show_mail(context: typer.Context, mail: Id) -> None:
    """Show one mail with its text."""
    with client_of(context) as client:
        show_one(context, client.mails.get(mail))


@mails.command("send-again")
def send_mail_again(context: typer.Context, mail: Id) -> None:
    """Send a mail once more, or at once if it waits."""
    with client_of(context) as client:
        show_one(context, client.mails.send_again(mail))
