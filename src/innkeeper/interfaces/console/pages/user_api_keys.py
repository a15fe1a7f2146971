"""API keys on a user's page: make, edit, revoke."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import api_keys
from innkeeper.domain.credentials import ApiKey
from innkeeper.domain.errors import Refused
from innkeeper.domain.words import ApiKeyId
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.dates import changed_end, end_of_day
from innkeeper.interfaces.console.forms import Form, typed, words
from innkeeper.interfaces.console.key_options import key_options
from innkeeper.interfaces.console.owners import owner_of
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in

FIELDS = ("name", "allowed_ips", "expires_at", "is_read_only", "scopes")
EDIT_FIELDS = ("name", "allowed_ips", "expires_at", "scopes")


async def create(visit: Visit) -> Response:
    """Make a key and show its token, this once."""
    owner = owner_of(visit)
    form = Form(typed(await visit.form(), FIELDS), prefix="api-key")
    try:
        expires_at = end_of_day(visit, "expires_at", form.value("expires_at"))
        is_read_only = bool(form.values("is_read_only"))
        values = {**_values(form), "is_read_only": is_read_only, "expires_at": expires_at}
        _, token = await visit.write(api_keys.create, owner.id, **values)
    except Refused as refused:
        return await owners.refused(visit, owner, "security", "api_key", form.refuse(refused, visit.text))
    return await owners.show_secret(visit, owner, "security", token, visit.text("The API key was made."))


async def ask_to_edit(visit: Visit) -> Response:
    """The form as the key stands."""
    key = await visit.read(api_keys.show, ApiKeyId(visit.path("key")))
    form = Form(
        {
            "name": [key.name],
            "allowed_ips": [", ".join(key.allowed_ips)],
            "expires_at": [visit.times.date_value(key.expires_at)],
            "scopes": list(key.scopes),
        }
    )
    return _edit_form(visit, key, form)


async def edit(visit: Visit) -> Response:
    """Save what changed; it counts from the next request on."""
    key = await visit.read(api_keys.show, ApiKeyId(visit.path("key")))
    form = Form(typed(await visit.form(), EDIT_FIELDS))
    try:
        expires_at = changed_end(visit, "expires_at", form.value("expires_at"), key.expires_at)
        await visit.write(api_keys.edit, key.id, {**_values(form), "expires_at": expires_at})
    except Refused as refused:
        return _edit_form(visit, key, form.refuse(refused, visit.text), 422)
    return answered(visit, _back(visit), visit.text("The changes were saved."))


async def ask_to_revoke(visit: Visit) -> Response:
    """The question before a key becomes worthless."""
    key = await visit.read(api_keys.show, ApiKeyId(visit.path("key")))
    question = Question(
        title=visit.text("Revoke the API key “%(name)s”?", name=key.name),
        texts=[visit.text("Whatever uses it is refused from the next request on.")],
        verb=visit.text("Revoke key"),
        action=f"{owner_of(visit).base}/api-keys/{key.id}/revoke",
        back=_back(visit),
    )
    return ask(visit, question)


async def revoke(visit: Visit) -> Response:
    """Make the key worthless."""
    await visit.write(api_keys.revoke, ApiKeyId(visit.path("key")))
    return answered(visit, _back(visit), visit.text("The API key was revoked."))


def _values(form: Form) -> dict[str, Any]:
    return {
        "name": form.value("name").strip(),
        "scopes": list(form.values("scopes")),
        "allowed_ips": words(form.value("allowed_ips")),
    }


def _edit_form(visit: Visit, key: ApiKey, form: Form, status: int = 200) -> Response:
    action = f"{owner_of(visit).base}/api-keys/{key.id}/edit"
    shown = {"key": key, "form": form, "action": action, "back": _back(visit)}
    return visit.page("api_key_form", status, **shown, **key_options(visit.text))


def _back(visit: Visit) -> str:
    return f"{owner_of(visit).base}?tab=security"


ROUTES = [
    route
    for base in ("/users/{user}", "/account")
    for route in (
        Route(f"{base}/api-keys", signed_in(create), methods=["POST"]),
        Route(f"{base}/api-keys/{{key}}/edit", signed_in(freshly_proved(ask_to_edit))),
        Route(f"{base}/api-keys/{{key}}/edit", signed_in(edit), methods=["POST"]),
        Route(f"{base}/api-keys/{{key}}/revoke", signed_in(freshly_proved(ask_to_revoke))),
        Route(f"{base}/api-keys/{{key}}/revoke", signed_in(revoke), methods=["POST"]),
    )
]
