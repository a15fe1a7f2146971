"""SSH keys on a user's page: add, generate, edit, remove."""

import asyncio
import re
from base64 import b64encode
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import ssh_keys
from innkeeper.domain.credentials import SshKey
from innkeeper.domain.errors import Refused
from innkeeper.domain.words import SshKeyId
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.dates import changed_end, end_of_day
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.owners import Owner, owner_of
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in
from innkeeper.kit.keypairs import make_key_pair

FIELDS = ("public_key", "label", "expires_at")
PAIR_FIELDS = ("kind", "label", "expires_at", "passphrase")
EDIT_FIELDS = ("label", "expires_at")
RENAMED = {"ssh_keys": "public_key", "fingerprint": "public_key", "user_id": "public_key"}
UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A private key on the one page that shows it."""

    key: SshKey
    private_key: str = field(repr=False)

    @property
    def file_name(self) -> str:
        """What ssh-keygen would call the file, with the label behind it."""
        label = UNSAFE.sub("-", self.key.label).strip("-.")[:60]
        kind = self.key.algorithm.removeprefix("ssh-").partition("-")[0]
        return f"id_{kind}" + (f"_{label}" if label else "")

    @property
    def address(self) -> str:
        """The file as an address, so that it can be saved without a script and without a second request."""
        return "data:application/octet-stream;base64," + b64encode(self.private_key.encode()).decode()


async def add(visit: Visit) -> Response:
    """Give the user a public key."""
    owner = owner_of(visit)
    form = Form(typed(await visit.form(), FIELDS), prefix="ssh-key")
    try:
        expires_at = end_of_day(visit, "expires_at", form.value("expires_at"))
        label, public_key = form.value("label"), form.value("public_key")
        await visit.write(ssh_keys.add, owner.id, public_key, label=label, expires_at=expires_at)
    except Refused as refused:
        refusal = form.refuse(refused, visit.text, rename=RENAMED)
        return await owners.refused(visit, owner, "security", "ssh_key", refusal)
    return await owners.done(visit, owner, "security", visit.text("The key was added."))


async def generate(visit: Visit) -> Response:
    """Make a key pair and show the private half, this once."""
    owner = owner_of(visit)
    form = Form(typed(await visit.form(), PAIR_FIELDS), prefix="key-pair")
    try:
        made = await _generate(visit, owner, form)
    except Refused as refused:
        return await owners.refused(visit, owner, "security", "key_pair", form.refuse(refused, visit.text))
    return await owners.show_new_key(visit, owner, made, visit.text("The key was made."))


async def ask_to_edit(visit: Visit) -> Response:
    """The form with label and end."""
    key = await visit.read(ssh_keys.show, SshKeyId(visit.path("key")))
    form = Form({"label": [key.label], "expires_at": [visit.times.date_value(key.expires_at)]})
    return _edit_form(visit, key, form)


async def edit(visit: Visit) -> Response:
    """Save them; connections that the key opened end with it."""
    key = await visit.read(ssh_keys.show, SshKeyId(visit.path("key")))
    form = Form(typed(await visit.form(), EDIT_FIELDS))
    try:
        expires_at = changed_end(visit, "expires_at", form.value("expires_at"), key.expires_at)
        values = {"label": form.value("label").strip(), "expires_at": expires_at}
        await visit.write(ssh_keys.edit, key.id, values)
    except Refused as refused:
        return _edit_form(visit, key, form.refuse(refused, visit.text), 422)
    return answered(visit, _back(visit), visit.text("The changes were saved."))


async def ask_to_remove(visit: Visit) -> Response:
    """The question before a key goes."""
    key = await visit.read(ssh_keys.show, SshKeyId(visit.path("key")))
    question = Question(
        title=visit.text("Remove this SSH key?"),
        texts=[key.fingerprint, visit.text("Connections that were opened with it end at once.")],
        verb=visit.text("Remove key"),
        action=f"{owner_of(visit).base}/ssh-keys/{key.id}/remove",
        back=_back(visit),
    )
    return ask(visit, question)


async def remove(visit: Visit) -> Response:
    """Take the key away."""
    await visit.write(ssh_keys.remove, SshKeyId(visit.path("key")))
    return answered(visit, _back(visit), visit.text("The key was removed."))


async def _generate(visit: Visit, owner: Owner, form: Form) -> NewKey:
    wanted = {"kind": form.value("kind"), "passphrase": form.value("passphrase")}
    kind = await visit.read(ssh_keys.prepare_pair, owner.id, **wanted)
    expires_at = end_of_day(visit, "expires_at", form.value("expires_at"))
    pair = await asyncio.to_thread(make_key_pair, kind, passphrase=wanted["passphrase"])
    label = form.value("label").strip()
    key = await visit.write(ssh_keys.add, owner.id, pair.public_key, label=label, expires_at=expires_at)
    return NewKey(key, pair.private_key)


def _edit_form(visit: Visit, key: SshKey, form: Form, status: int = 200) -> Response:
    action = f"{owner_of(visit).base}/ssh-keys/{key.id}/edit"
    return visit.page("ssh_key_form", status, key=key, form=form, action=action, back=_back(visit))


def _back(visit: Visit) -> str:
    return f"{owner_of(visit).base}?tab=security"


ROUTES = [
    route
    for base in ("/users/{user}", "/account")
    for route in (
        Route(f"{base}/ssh-keys", signed_in(add), methods=["POST"]),
        Route(f"{base}/ssh-keys/generate", signed_in(generate), methods=["POST"]),
        Route(f"{base}/ssh-keys/{{key}}/edit", signed_in(freshly_proved(ask_to_edit))),
        Route(f"{base}/ssh-keys/{{key}}/edit", signed_in(edit), methods=["POST"]),
        Route(f"{base}/ssh-keys/{{key}}/remove", signed_in(freshly_proved(ask_to_remove))),
        Route(f"{base}/ssh-keys/{{key}}/remove", signed_in(remove), methods=["POST"]),
    )
]
