"""Whose page it is: another user's under /users/ID, or one's own under /account. The views are the same."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from innkeeper.domain.users import User
from innkeeper.domain.words import UserId
from innkeeper.interfaces.console import user_pages
from innkeeper.interfaces.console.days import columns_of, first_moments
from innkeeper.interfaces.console.forms import Form
from innkeeper.interfaces.console.key_options import key_options
from innkeeper.interfaces.console.levels import level_options
from innkeeper.interfaces.console.rendering import announce
from innkeeper.interfaces.console.stories import tell
from innkeeper.interfaces.console.visits import Visit
from innkeeper.kit.keypairs import KeyKind

DRAWER = "#drawer-body"
PLACES = ("#user", DRAWER)
FORMS = ("ssh_key", "key_pair", "api_key", "admission", "membership", "grant")


@dataclass(frozen=True, slots=True)
class Owner:
    """The user a page is about, and where the page is."""

    id: UserId
    base: str

    @property
    def template(self) -> str:
        return "account" if self.base == "/account" else "user"


def owner_of(visit: Visit) -> Owner:
    """The user that the address names; the reader where it names none."""
    if "user" in visit.request.path_params:
        return Owner(UserId(visit.path("user")), f"/users/{visit.path('user')}")
    return Owner(reader_of(visit).id, "/account")


def reader_of(visit: Visit) -> User:
    """The signed-in user."""
    user = visit.reader.user
    assert user is not None, "views behind signed_in have a reader"
    return user


async def page(visit: Visit, owner: Owner, tab: str) -> Response:
    """The page of a user with one tab open."""
    return visit.page(owner.template, **await context(visit, owner, tab))


async def context(visit: Visit, owner: Owner, tab: str, *, in_drawer: bool | None = None) -> dict[str, Any]:
    """All that the template of a user's page needs."""
    tab = tab if tab in user_pages.TABS else "profile"
    head, facts = await visit.read(user_pages.read, owner.id, tab, **_asked(visit, tab))
    is_drawer = visit.fragment == DRAWER if in_drawer is None else in_drawer
    shown: dict[str, Any] = {
        "head": head,
        "user": head.user,
        "tab": tab,
        "base": owner.base,
        "in_drawer": is_drawer,
        "into": DRAWER if is_drawer else "#user",
        "forms": default_forms(),
        "secret": None,
        "new_key": None,
        "admission": None,
        "level_options": level_options(visit.text),
        **facts,
    }
    if tab == "activity":
        shown["stories"] = [tell(event, visit.text) for event in facts["events"].items]
        shown["series"] = columns_of(visit, facts["per_day"])
    if tab == "security":
        shown |= key_options(visit.text)
    return shown


async def done(visit: Visit, owner: Owner, tab: str, notice: str) -> Response:
    """After a change: the fragment again with a toast, or the page with a notice."""
    if visit.fragment in PLACES:
        return announce(await page(visit, owner, tab), notice)
    return visit.go(f"{owner.base}?tab={tab}", notice)


async def show_secret(visit: Visit, owner: Owner, tab: str, secret: str, notice: str) -> Response:
    """The tab with a new secret on it, which no later page shows."""
    shown = await context(visit, owner, tab)
    return announce(visit.page(owner.template, **{**shown, "secret": secret}), notice)


async def show_new_key(visit: Visit, owner: Owner, new_key: object, notice: str) -> Response:
    """The security tab with a private key on it, which no later page shows."""
    shown = await context(visit, owner, "security")
    return announce(visit.page(owner.template, **{**shown, "new_key": new_key}), notice)


async def refused(visit: Visit, owner: Owner, tab: str, name: str, form: Form) -> Response:
    """The tab again, with a form that was refused."""
    shown = await context(visit, owner, tab)
    return visit.page(owner.template, 422, **{**shown, "forms": default_forms() | {name: form}})


def default_forms() -> dict[str, Form]:
    """The small forms on the tabs, empty."""
    forms = {name: Form(prefix=name.replace("_", "-")) for name in FORMS}
    forms["key_pair"].typed = {"kind": [KeyKind.ED25519.value]}
    forms["admission"].typed = {"interface": ["sftp"]}
    forms["grant"].typed = {"level": ["read"], "is_recursive": ["yes"]}
    return forms


def _asked(visit: Visit, tab: str) -> dict[str, object]:
    if tab == "access":
        return {"path": visit.query("path").strip()}
    if tab == "activity":
        return {"days": first_moments(visit), "cursor": visit.query("cursor") or None}
    return {}
