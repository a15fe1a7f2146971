"""SSH keys and API keys on a user's page: add, remove, create, revoke."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import api_keys, ssh_keys
from innkeeper.domain.errors import Refused
from innkeeper.domain.words import ApiKeyId, SshKeyId
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.dates import end_of_day
from innkeeper.interfaces.console.forms import Form, typed, words
from innkeeper.interfaces.console.owners import owner_of
from innkeeper.interfaces.console.visits import Visit, signed_in

SSH_FIELDS = ("public_key", "label", "expires_at")
API_FIELDS = ("name", "allowed_ips", "expires_at", "is_read_only")


async def add_ssh_key(visit: Visit) -> Response:
    """Give the user a public key."""
    owner = owner_of(visit)
    form = Form(typed(await visit.form(), SSH_FIELDS), prefix="ssh-key")
    try:
        expires_at = end_of_day(visit, "expires_at", form.value("expires_at"))
        label, public_key = form.value("label"), form.value("public_key")
        await visit.write(ssh_keys.add, owner.id, public_key, label=label, expires_at=expires_at)
    except Refused as refused:
        rename = {"ssh_keys": "public_key", "fingerprint": "public_key", "user_id": "public_key"}
        return await owners.refused(
            visit, owner, "security", "ssh_key", form.refuse(refused, visit.text, rename=rename)
        )
    return await owners.done(visit, owner, "security", visit.text("The key was added."))


async def ask_to_remove_ssh_key(visit: Visit) -> Response:
    """The question before a key goes."""
    key = await visit.read(ssh_keys.show, SshKeyId(visit.path("key")))
    owner = owner_of(visit)
    question = Question(
        title=visit.text("Remove this SSH key?"),
        texts=[key.fingerprint, visit.text("Connections that were opened with it end at once.")],
        verb=visit.text("Remove key"),
        action=f"{owner.base}/ssh-keys/{key.id}/remove",
        back=f"{owner.base}?tab=security",
    )
    return ask(visit, question)


async def remove_ssh_key(visit: Visit) -> Response:
    """Take the key away."""
    await visit.write(ssh_keys.remove, SshKeyId(visit.path("key")))
    return answered(visit, f"{owner_of(visit).base}?tab=security", visit.text("The key was removed."))


async def create_api_key(visit: Visit) -> Response:
    """Make a key and show its token, this once."""
    owner = owner_of(visit)
    form = Form(typed(await visit.form(), API_FIELDS), prefix="api-key")
    try:
        _, token = await visit.write(
            api_keys.create,
            owner.id,
            form.value("name").strip(),
            is_read_only=bool(form.values("is_read_only")),
            allowed_ips=words(form.value("allowed_ips")),
            expires_at=end_of_day(visit, "expires_at", form.value("expires_at")),
        )
    except Refused as refused:
        return await owners.refused(visit, owner, "security", "api_key", form.refuse(refused, visit.text))
    return await owners.show_secret(visit, owner, "security", token, visit.text("The API key was made."))


async def ask_to_revoke_api_key(visit: Visit) -> Response:
    """The question before a key becomes worthless."""
    key = await visit.read(api_keys.show, ApiKeyId(visit.path("key")))
    owner = owner_of(visit)
    question = Question(
        title=visit.text("Revoke the API key “%(name)s”?", name=key.name),
        texts=[visit.text("Whatever uses it is refused from the next request on.")],
        verb=visit.text("Revoke key"),
        action=f"{owner.base}/api-keys/{key.id}/revoke",
        back=f"{owner.base}?tab=security",
    )
    return ask(visit, question)


async def revoke_api_key(visit: Visit) -> Response:
    """Make the key worthless."""
    await visit.write(api_keys.revoke, ApiKeyId(visit.path("key")))
    return answered(visit, f"{owner_of(visit).base}?tab=security", visit.text("The API key was revoked."))


ROUTES = [
    route
    for base in ("/users/{user}", "/account")
    for route in (
        Route(f"{base}/ssh-keys", signed_in(add_ssh_key), methods=["POST"]),
        Route(f"{base}/ssh-keys/{{key}}/remove", signed_in(ask_to_remove_ssh_key)),
        Route(f"{base}/ssh-keys/{{key}}/remove", signed_in(remove_ssh_key), methods=["POST"]),
        Route(f"{base}/api-keys", signed_in(create_api_key), methods=["POST"]),
        Route(f"{base}/api-keys/{{key}}/revoke", signed_in(ask_to_revoke_api_key)),
        Route(f"{base}/api-keys/{{key}}/revoke", signed_in(revoke_api_key), methods=["POST"]),
    )
]
