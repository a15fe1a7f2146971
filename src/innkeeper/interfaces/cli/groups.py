"""`innkeeper groups …`, `folders …` and `grants …`"""

from typing import Annotated, Any, Literal

import typer

from innkeeper.interfaces.cli.asking import (
    client_of,
    folder_id,
    group_id,
    subject_asked_for,
    subject_named,
    user_id,
)
from innkeeper.interfaces.cli.fields import emptied
from innkeeper.interfaces.cli.printing import show_list, show_one

groups = typer.Typer(name="groups", help="Named sets of users and of other groups.", no_args_is_help=True)
folders = typer.Typer(name="folders", help="Folders with grants, a fence or notes.", no_args_is_help=True)
grants = typer.Typer(name="grants", help="Permissions on folders.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="GROUP", help="Group name or id.")]
Place = Annotated[str, typer.Argument(metavar="FOLDER", help="Path or id.")]
Notes = Annotated[str | None, typer.Option(help="Notes for administrators.")]
Addresses = Annotated[list[str] | None, typer.Option("--allowed-ip", help="Address or network; repeatable.")]
Protocols = Annotated[list[str] | None, typer.Option("--protocol", help="Protocol; may be repeated.")]
EMPTY_GROUP: dict[str, Any] = {"notes": "", "protocols": None, "allowed_ips": ()}
Emptied = Annotated[
    list[str] | None,
    typer.Option("--clear", metavar="FIELD", help="Empty notes, protocol or allowed-ip; may be repeated."),
]
Fenced = Annotated[bool | None, typer.Option("--fenced/--open", help="Stop grants from the folders above.")]
Quota = Annotated[
    int | None, typer.Option("--quota-mb", help="How many MiB may lie there and below; 0 for no limit.")
]
User = Annotated[str | None, typer.Option(help="User name or id.")]
Group = Annotated[str | None, typer.Option(help="Group name or id.")]
Start = Annotated[str | None, typer.Option("--from", metavar="TIME", help="Counts from this time on.")]
End = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Counts until this time.")]


@groups.command("list")
def list_groups(
    context: typer.Context, text: Annotated[str | None, typer.Option(help="Part of the name.")] = None
) -> None:
    """List groups."""
    with client_of(context) as client:
        show_list(
            context, client.groups.iterate(text=text or "", limit=500), ("name", "notes", "source", "id")
        )


@groups.command("show")
def show_group(context: typer.Context, group: Which) -> None:
    """Show one group."""
    with client_of(context) as client:
        show_one(context, client.groups.get(group_id(client, group)))


@groups.command("create")
def create_group(
    context: typer.Context,
    name: str,
    notes: Notes = None,
    protocols: Protocols = None,
    allowed_ips: Addresses = None,
) -> None:
    """Make a group."""
    with client_of(context) as client:
        values = used(notes=notes, protocols=protocols, allowed_ips=allowed_ips)
        show_one(context, client.groups.create(name, **values))


@groups.command("edit")
def edit_group(
    context: typer.Context,
    group: Which,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    notes: Notes = None,
    protocols: Protocols = None,
    allowed_ips: Addresses = None,
    clear: Emptied = None,
) -> None:
    """Change some fields of a group. Lists become what the flags say; --clear protocol leaves none."""
    values = used(name=name, notes=notes, protocols=protocols, allowed_ips=allowed_ips)
    values |= emptied(clear, values, EMPTY_GROUP)
    with client_of(context) as client:
        show_one(context, client.groups.edit(group_id(client, group), **values))


@groups.command("delete")
def delete_group(context: typer.Context, group: Which) -> None:
    """Delete a group with its memberships and grants; its members stay."""
    with client_of(context) as client:
        client.groups.delete(group_id(client, group))


@groups.command("members")
def members(context: typer.Context, group: Which) -> None:
    """List who is in a group."""
    with client_of(context) as client:
        found = client.memberships.iterate(group_id=group_id(client, group), limit=500)
        show_list(context, found, ("member_kind", "member_id", "is_admin", "starts_at", "ends_at"))


@groups.command("add-member")
def add_member(
    context: typer.Context,
    group: Which,
    member: Annotated[str, typer.Argument(help="User name or id; with --nested a group.")],
    *,
    is_admin: Annotated[bool, typer.Option("--admin", help="Manages the group's members.")] = False,
    nested: Annotated[bool, typer.Option("--nested", help="The member is a group.")] = False,
) -> None:
    """Put a user or group into a group."""
    with client_of(context) as client:
        kind: Literal["user", "group"] = "group" if nested else "user"
        member_id = group_id(client, member) if nested else user_id(client, member)
        entry = client.memberships.put(
            group_id(client, group), member_id, member_kind=kind, is_admin=is_admin
        )
        show_one(context, entry)


@groups.command("remove-member")
def remove_member(
    context: typer.Context,
    group: Which,
    member: Annotated[str, typer.Argument(help="User name or id; with --nested a group.")],
    *,
    nested: Annotated[bool, typer.Option("--nested", help="The member is a group.")] = False,
) -> None:
    """Take a user or group out of a group."""
    with client_of(context) as client:
        member_id = group_id(client, member) if nested else user_id(client, member)
        client.memberships.remove(group_id(client, group), member_id)


@folders.command("list")
def list_folders(
    context: typer.Context, text: Annotated[str | None, typer.Option(help="Part of the path.")] = None
) -> None:
    """List folders."""
    with client_of(context) as client:
        show_list(context, client.folders.iterate(text=text or "", limit=500), ("path", "is_fenced", "notes"))


@folders.command("create")
def create_folder(
    context: typer.Context, path: str, notes: Notes = None, fenced: Fenced = None, quota: Quota = None
) -> None:
    """Make a folder."""
    with client_of(context) as client:
        show_one(context, client.folders.create(path, **_folder_values(quota, notes=notes, is_fenced=fenced)))


@folders.command("edit")
def edit_folder(
    context: typer.Context, folder: Place, notes: Notes = None, fenced: Fenced = None, quota: Quota = None
) -> None:
    """Change notes, fence or quota of a folder."""
    with client_of(context) as client:
        values = _folder_values(quota, notes=notes, is_fenced=fenced)
        show_one(context, client.folders.edit(folder_id(client, folder), **values))


@folders.command("delete")
def delete_folder(context: typer.Context, folder: Place) -> None:
    """Forget a folder with its grants; its files stay."""
    with client_of(context) as client:
        client.folders.delete(folder_id(client, folder))


@grants.command("list")
def list_grants(
    context: typer.Context,
    folder: Annotated[str | None, typer.Option(help="On this folder, by path or id.")] = None,
    user: User = None,
    group: Group = None,
) -> None:
    """List grants, of a folder, a user or a group."""
    with client_of(context) as client:
        place = None if folder is None else folder_id(client, folder)
        subject = subject_asked_for(client, user, group)
        found = client.grants.iterate(folder_id=place, subject_id=subject, limit=500)
        columns = ("path", "level", "is_recursive", "subject_kind", "subject_id", "ends_at", "id")
        show_list(context, found, columns)


@grants.command("add")
def add_grant(
    context: typer.Context,
    path: str,
    level: Annotated[str, typer.Argument(help="list, read, write, upload, readwrite, full, …")],
    user: User = None,
    group: Group = None,
    *,
    only: Annotated[bool, typer.Option("--only", help="Not the folders below.")] = False,
    starts_at: Start = None,
    ends_at: End = None,
) -> None:
    """Grant a user or a group a level on a folder."""
    with client_of(context) as client:
        kind, subject = subject_named(client, user, group)
        named: dict[str, Any] = {"subject_kind": kind, "subject_id": subject, "path": path, "level": level}
        window = {"starts_at": time_of("--from", starts_at), "ends_at": time_of("--until", ends_at)}
        entry = client.grants.add(**named, is_recursive=not only, **window)
        show_one(context, entry)


@grants.command("remove")
def remove_grant(context: typer.Context, grant: Annotated[str, typer.Argument(help="Id.")]) -> None:
    """Take a grant away."""
    with client_of(context) as client:
        client.grants.remove(grant)


def _folder_values(quota: int | None, **flags: Any) -> dict[str, Any]:
    values = used(**flags)
    return values if quota is None else values | {"quota_mb": quota or None}


def used(**flags: Any) -> dict[str, Any]:
    """The flags that were given."""
    return {name: value for name, value in flags.items() if value is not None}


def time_of(flag: str, text: str | None) -> Any:
    """A time with its offset; raises BadParameter."""
    from datetime import datetime

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        expected = "expected a time with its offset, like 2027-03-31T18:00:00+02:00"
        raise typer.BadParameter(f"{flag}: {text!r}; {expected}") from error
    return moment if moment.tzinfo is not None else moment.astimezone()
