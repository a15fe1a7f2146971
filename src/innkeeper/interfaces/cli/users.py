"""`innkeeper users …`"""

from typing import Annotated, Any

import typer

from innkeeper.interfaces.cli.asking import client_of, group_id, user_id
from innkeeper.interfaces.cli.fields import Emptied, emptied, read_password, with_user_fields
from innkeeper.interfaces.cli.printing import show_list, show_one

app = typer.Typer(name="users", help="People and machine accounts.", no_args_is_help=True)
COLUMNS = ("username", "name", "email", "status", "groups", "last_active_at", "access_expires_at")
Who = Annotated[str, typer.Argument(metavar="USER", help="User name or id.")]
Keep = Annotated[bool, typer.Option("--keep", help="They need not change it at the next sign-in.")]


@app.command("list")
def list_users(
    context: typer.Context,
    text: Annotated[str | None, typer.Option(help="Words in name, e-mail or company.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="Status; may be repeated.")] = None,
    group: Annotated[str | None, typer.Option(help="In this group, by name or id.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Tag; may be repeated.")] = None,
    sort: Annotated[str | None, typer.Option(help="name, username, created, …; '-' first for down.")] = None,
) -> None:
    """List users."""
    with client_of(context) as client:
        wanted: dict[str, Any] = {"text": text, "status": status, "tag": tag, "sort": sort}
        narrowed = {name: value for name, value in wanted.items() if value}
        if group is not None:
            narrowed["group"] = [group_id(client, group)]
        show_list(context, client.users.iterate(**narrowed, limit=500), COLUMNS)


@app.command()
def show(context: typer.Context, user: Who) -> None:
    """Show one user with all fields."""
    with client_of(context) as client:
        show_one(context, client.users.get(user_id(client, user)))


@app.command()
@with_user_fields
def create(
    context: typer.Context,
    username: Annotated[str, typer.Argument(help="What they type to sign in.")],
    values: dict[str, Any],
) -> None:
    """Make a user."""
    with client_of(context) as client:
        show_one(context, client.users.create(username, **values))


@app.command()
@with_user_fields
def edit(
    context: typer.Context,
    user: Who,
    values: dict[str, Any],
    *,
    username: Annotated[str | None, typer.Option(help="A new user name.")] = None,
    clear: Emptied = None,
) -> None:
    """Change some fields. Lists become what the flags say: --tag a --tag b; --clear tag leaves none."""
    renamed: dict[str, Any] = {} if username is None else {"username": username}
    changed = {**values, **renamed, **emptied(clear, values)}
    if not changed:
        raise typer.BadParameter("name at least one field to change, like --company")
    with client_of(context) as client:
        show_one(context, client.users.edit(user_id(client, user), **changed))


@app.command()
@with_user_fields
def clone(
    context: typer.Context,
    user: Who,
    username: Annotated[str, typer.Argument(help="User name of the copy.")],
    values: dict[str, Any],
    *,
    clear: Emptied = None,
) -> None:
    """Make a user with the settings, groups and grants of another; never with secrets."""
    changed = {**values, **emptied(clear, values)}
    with client_of(context) as client:
        show_one(context, client.users.clone(user_id(client, user), username, **changed))


@app.command()
def suspend(
    context: typer.Context,
    user: Who,
    reason: Annotated[str, typer.Option(help="Kept in the activity log.")] = "",
) -> None:
    """Disable a user; every session and connection of theirs ends at once."""
    with client_of(context) as client:
        show_one(context, client.users.suspend(user_id(client, user), reason=reason))


@app.command()
def reactivate(context: typer.Context, user: Who) -> None:
    """Enable a suspended user."""
    with client_of(context) as client:
        show_one(context, client.users.reactivate(user_id(client, user)))


@app.command()
def unlock(context: typer.Context, user: Who) -> None:
    """Forget the wrong passwords that locked a user out."""
    with client_of(context) as client:
        show_one(context, client.users.unlock(user_id(client, user)))


@app.command()
def delete(context: typer.Context, user: Who) -> None:
    """Move a user to the recycle bin."""
    with client_of(context) as client:
        client.users.delete(user_id(client, user))


@app.command()
def restore(context: typer.Context, user: Who) -> None:
    """Bring a user back from the recycle bin."""
    with client_of(context) as client:
        show_one(context, client.users.restore(user_id(client, user)))


@app.command("reset-password")
def reset_password(context: typer.Context, user: Who, *, keep: Keep = False) -> None:
    """Set the password that stands on standard input; every session of theirs ends."""
    password = read_password()
    with client_of(context) as client:
        client.users.reset_password(user_id(client, user), password, must_change=not keep)


@app.command("generate-password")
def generate_password(context: typer.Context, user: Who, *, keep: Keep = False) -> None:
    """Set a password made by chance and print it, this once; every session of theirs ends."""
    from innkeeper_client.users import GeneratedPassword

    with client_of(context) as client:
        made = client.users.generate_password(user_id(client, user), must_change=not keep)
        show_one(context, GeneratedPassword(made))


@app.command("send-password-link")
def send_password_link(context: typer.Context, user: Who) -> None:
    """Mail a user a link with which they choose a new password; the old one works until then."""
    with client_of(context) as client:
        client.users.send_password_link(user_id(client, user))


@app.command()
def invite(context: typer.Context, user: Who) -> None:
    """Mail a user the link to their first password once more."""
    with client_of(context) as client:
        client.users.invite(user_id(client, user))


@app.command("reset-2fa")
def reset_2fa(context: typer.Context, user: Who) -> None:
    """Take all second factors of a user away; every session of theirs ends."""
    with client_of(context) as client:
        client.users.reset_2fa(user_id(client, user))
