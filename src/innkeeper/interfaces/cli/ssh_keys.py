"""`innkeeper ssh-keys …`: list, add, generate, edit, remove."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from innkeeper.interfaces.cli.arguments import Expires, Id, Of, Who
from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.fields import emptied, read_password
from innkeeper.interfaces.cli.groups import time_of
from innkeeper.interfaces.cli.keyfiles import keep_pair, refuse_existing
from innkeeper.interfaces.cli.printing import show_list, show_one

app = typer.Typer(name="ssh-keys", help="Public keys of users.", no_args_is_help=True)
EMPTY: dict[str, Any] = {"label": "", "expires_at": None}
Label = Annotated[str, typer.Option(help="What the key is called.")]
COLUMNS = ("user_id", "label", "algorithm", "fingerprint", "last_used_at", "removal_at", "id")


class Kind(StrEnum):
    """The kinds of key that can be made."""

    ED25519 = "ed25519"
    ECDSA = "ecdsa"
    RSA = "rsa"


class View(StrEnum):
    """The keys that deserve a look."""

    ALL = "all"
    UNUSED = "unused"
    EXPIRING = "expiring"
    OLD = "old"
    SHARED = "shared"


@app.command("list")
def list_keys(
    context: typer.Context,
    user: Of = None,
    fingerprint: Annotated[str | None, typer.Option(help="Like SHA256:…")] = None,
    text: Annotated[str, typer.Option(help="In owner, label and fingerprint.")] = "",
    view: Annotated[View, typer.Option(help="Those that deserve a look, and why.")] = View.ALL,
) -> None:
    """List keys, of a user, of a fingerprint, or those that deserve a look."""
    with client_of(context) as client:
        owner = None if user is None else user_id(client, user)
        found = client.ssh_keys.iterate(
            user_id=owner, fingerprint=fingerprint, text=text, view=view.value, limit=500
        )
        show_list(context, found, COLUMNS)


@app.command("add")
def add_key(
    context: typer.Context,
    user: Who,
    key: Annotated[str, typer.Argument(help="A public key line, or the name of a file that holds one.")],
    label: Label = "",
    expires_at: Expires = None,
) -> None:
    """Give a user a key."""
    with client_of(context) as client:
        line = key if " " in key.strip() else Path(key).read_text(errors="replace")
        expires = time_of("--expires-at", expires_at)
        added = client.ssh_keys.add(user_id(client, user), line.strip(), label=label, expires_at=expires)
        show_one(context, added)


@app.command("generate")
def generate_key(
    context: typer.Context,
    user: Who,
    file: Annotated[
        Path, typer.Argument(help="Where the private key goes, for nobody else to read; with .pub the other.")
    ],
    *,
    kind: Annotated[Kind, typer.Option(help="The kind of key.")] = Kind.ED25519,
    label: Label = "",
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="Read a passphrase for it from standard input.")
    ] = False,
    expires_at: Expires = None,
) -> None:
    """Make a key pair for a user; the private key is written to a file, and kept nowhere else."""
    with client_of(context) as client:
        refuse_existing(file)
        passphrase = read_password() if passphrase_stdin else ""
        expires = time_of("--expires-at", expires_at)
        owner = user_id(client, user)
        made = client.ssh_keys.generate(
            owner, kind=kind.value, label=label, passphrase=passphrase, expires_at=expires
        )
        keep_pair(file, made.private_key, f"{made.public_key} {made.label}".rstrip())
        show_one(context, client.ssh_keys.get(made.id))


@app.command("edit")
def edit_key(
    context: typer.Context,
    key: Id,
    label: Annotated[str | None, typer.Option(help="What the key is called.")] = None,
    expires_at: Expires = None,
    clear: Annotated[
        list[str] | None, typer.Option("--clear", metavar="FIELD", help="Empty label or expires-at.")
    ] = None,
) -> None:
    """Change the label or the end of a key."""
    given = {"label": label, "expires_at": time_of("--expires-at", expires_at)}
    values: Any = {name: value for name, value in given.items() if value is not None}
    values |= emptied(clear, values, EMPTY)
    with client_of(context) as client:
        show_one(context, client.ssh_keys.edit(key, **values))


@app.command("remove")
def remove_key(context: typer.Context, key: Id) -> None:
    """Take a key away; connections that it opened end."""
    with client_of(context) as client:
        client.ssh_keys.remove(key)
