"""Add a user and edit a user: the big form."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import groups, users
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Refused
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.users import User
from innkeeper.domain.words import AuthenticationMethod, Protocol, UserId
from innkeeper.interfaces.console import labels, user_fields
from innkeeper.interfaces.console.dates import site_zone
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.levels import level_options
from innkeeper.interfaces.console.times import Times, zone_names
from innkeeper.interfaces.console.visits import Visit, signed_in

MOST_GROUPS = 200


async def ask_for_new(visit: Visit) -> Response:
    """An empty form."""
    return await _page(visit, user_fields.blank(), title=visit.text("Add user"))


async def create(visit: Visit) -> Response:
    """Make the user; nothing typed is lost when something is wrong."""
    form = Form(typed(await visit.form(), user_fields.NEW_FIELDS))
    allowed = user_fields.settable(visit.reader, Right.USER_CREATE)
    wanted = user_fields.values(form, allowed) | user_fields.seeds(form, allowed)
    try:
        made = await visit.write(users.create, await visit.console.calls.hashed(_said(wanted)))
    except Refused as refused:
        return await _page(
            visit, form.refuse(refused, visit.text, rename=RENAMED), 422, title=visit.text("Add user")
        )
    return visit.go(f"/users/{made.id}", visit.text("%(name)s was added.", name=made.name or made.username))


async def ask_to_edit(visit: Visit) -> Response:
    """The form as the user stands."""
    user, primary_group = await visit.read(_known, UserId(visit.path("user")))
    return await _page(
        visit,
        user_fields.filled(user, _site_times(visit), primary_group),
        title=_title(visit, user),
        user=user,
    )


async def edit(visit: Visit) -> Response:
    """Save what changed; someone else's faster change is not overwritten."""
    user, primary_group = await visit.read(_known, UserId(visit.path("user")))
    form = Form(typed(await visit.form(), user_fields.EDIT_FIELDS))
    before = user_fields.filled(user, _site_times(visit), primary_group)
    wanted = user_fields.values(form, user_fields.settable(visit.reader, Right.USER_EDIT), before)
    wanted.pop("disabled", None)
    version = int(form.value("version")) if form.value("version").isdecimal() else None
    try:
        await visit.write(users.edit, user.id, wanted, version=version)
    except Refused as refused:
        return await _page(visit, form.refuse(refused, visit.text), 422, title=_title(visit, user), user=user)
    return visit.go(f"/users/{user.id}", visit.text("The changes were saved."))


RENAMED = {"grants": "grant_path_1"}


async def _page(
    visit: Visit, form: Form, status: int = 200, *, title: str, user: User | None = None
) -> Response:
    allowed = user_fields.settable(visit.reader, Right.USER_EDIT if user else Right.USER_CREATE)
    return visit.page(
        "user_form",
        status,
        form=form,
        title=title,
        user=user,
        groups=await visit.read(_groups),
        may_set=lambda name: allowed is None or name in allowed,
        **_options(visit),
    )


def _options(visit: Visit) -> dict[str, Any]:
    languages = visit.console.rendering.languages.names()
    return {
        "methods": [
            (method.value, visit.text(labels.METHODS[method.value])) for method in AuthenticationMethod
        ],
        "protocols": [
            (protocol.value, visit.text(labels.PROTOCOLS[protocol.value])) for protocol in Protocol
        ],
        "roles": [(role, visit.text(labels.ROLES[role])) for role in user_fields.ROLES],
        "levels": level_options(visit.text),
        "languages": [("", visit.text("Like the site")), *languages.items()],
        "zones": [
            ("", visit.text("Like the site")),
            *((name, name.replace("_", " ")) for name in zone_names()),
        ],
        "rows": user_fields.ROWS,
        "site_zone": site_zone(visit).key,
    }


def _groups(call: Call) -> list[Any]:
    if reach(call.actor, Right.GROUP_READ) is Reach.NOBODY:
        return []
    return list(groups.page(call, limit=MOST_GROUPS).items)


def _known(call: Call, user_id: UserId) -> tuple[User, str]:
    user = users.show(call, user_id)
    named = {group.id: group.name for group in _groups(call)}
    return user, named.get(user.primary_group, "") if user.primary_group else ""


def _said(wanted: dict[str, Any]) -> dict[str, Any]:
    """Without empty texts: a new user starts with the defaults anyway."""
    return {name: value for name, value in wanted.items() if value not in ("", None, [], False)}


def _site_times(visit: Visit) -> Times:
    times = visit.times
    return Times(times.locale, site_zone(visit), times.now)


def _title(visit: Visit, user: User) -> str:
    return visit.text("Edit %(name)s", name=user.name or user.username)


ROUTES = [
    Route("/users/new", signed_in(ask_for_new)),
    Route("/users/new", signed_in(create), methods=["POST"]),
    Route("/users/{user}/edit", signed_in(ask_to_edit)),
    Route("/users/{user}/edit", signed_in(edit), methods=["POST"]),
]
