"""`innkeeper factors …`"""

from typing import Annotated

import typer

from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.printing import show_list, show_one

app = typer.Typer(name="factors", help="Second factors of users.", no_args_is_help=True)
COLUMNS = ("user_id", "kind", "name", "is_passkey", "last_used_at", "removal_at", "id")
Id = Annotated[str, typer.Argument(metavar="ID")]
Name = Annotated[str, typer.Argument(help="What it is called, like 'Phone'.")]


@app.command("list")
def list_factors(
    context: typer.Context,
    user: Annotated[str | None, typer.Option("--user", help="Of this user, by name or id.")] = None,
) -> None:
    """List second factors that count."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        show_list(context, client.factors.iterate(user_id=owner, limit=500), COLUMNS)


@app.command("add-app")
def add_app(context: typer.Context, name: Name) -> None:
    """Make the secret for an app of your own, shown this once; then confirm with a code of it."""
    with client_of(context) as client:
        show_one(context, client.factors.begin(client.me.get().id, "totp", name))


@app.command("add-email")
def add_email(context: typer.Context, name: Name) -> None:
    """Have a code mailed to yourself; then confirm with it."""
    with client_of(context) as client:
        show_one(context, client.factors.begin(client.me.get().id, "email", name))


@app.command()
def confirm(
    context: typer.Context,
    factor: Id,
    code: Annotated[str, typer.Argument(help="What the app shows now, or what was mailed.")],
) -> None:
    """Let a second factor count. The first one brings recovery codes, shown this once."""
    with client_of(context) as client:
        show_one(context, client.factors.confirm(factor, code))


@app.command()
def rename(context: typer.Context, factor: Id, name: Name) -> None:
    """Call one of your second factors something else."""
    with client_of(context) as client:
        show_one(context, client.factors.rename(factor, name))


@app.command()
def remove(context: typer.Context, factor: Id) -> None:
    """Take one of your second factors away; the last one stays for some hours, and is shown."""
    with client_of(context) as client:
        leaving = client.factors.remove(factor)
        if leaving is not None:
            show_one(context, leaving)


@app.command()
def keep(context: typer.Context, factor: Id) -> None:
    """Take back the removal of a second factor."""
    with client_of(context) as client:
        show_one(context, client.factors.keep(factor))


@app.command("recovery-codes")
def recovery_codes(context: typer.Context) -> None:
    """Make ten new recovery codes for yourself, shown this once; older ones stop working."""
    with client_of(context) as client:
        codes = client.factors.make_recovery_codes(client.me.get().id)
        show_list(context, [{"code": code} for code in codes], ("code",))
