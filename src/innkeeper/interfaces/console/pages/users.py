"""The list of users."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.domain.rights import Right
from innkeeper.domain.words import AuthenticationMethod, Source, Status
from innkeeper.interfaces.console import labels, user_lists
from innkeeper.interfaces.console.pages import user
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.user_lists import UserList, Wanted
from innkeeper.interfaces.console.visits import Visit, signed_in

GRANTABLE = ("site_administrator", "read_only_administrator")


async def show(visit: Visit) -> Response:
    """The page, its table, or the page with one user's drawer open."""
    asked = user_lists.wanted(visit.request.query_params)
    found = await visit.read(user_lists.read, asked)
    opened = visit.query("open")
    drawer = await user.context(visit, opened, visit.query("tab")) if opened and not visit.fragment else {}
    answer = visit.page(
        "users",
        asked=asked,
        found=found,
        views=_views(visit),
        facets=_facets(visit, found),
        chips=_chips(visit, asked, found),
        may_create=visit.reader.may(Right.USER_CREATE),
        may_import=visit.reader.may(Right.IMPORT_RUN),
        **drawer,
    )
    return address(answer, asked.here)


def _views(visit: Visit) -> list[tuple[str, str]]:
    return [
        ("all", visit.text("All")),
        ("active", visit.text("Active")),
        ("invited", visit.text("Invited")),
        ("expiring", visit.text("Expiring soon")),
        ("locked", visit.text("Locked")),
        ("suspended", visit.text("Suspended")),
        ("ended", visit.text("Ended")),
        ("deleted", visit.text("Recycle bin")),
    ]


def _facets(visit: Visit, found: UserList) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Name, heading and options of each filter."""
    methods = {method.value: labels.SHORT_METHODS[method.value] for method in AuthenticationMethod}
    statuses = {status.value: labels.STATUSES[status.value] for status in Status}
    sources = {source.value: labels.SOURCES[source.value] for source in Source}
    roles = {role: labels.ROLES[role] for role in GRANTABLE}
    return [
        ("group", visit.text("Group"), [(group.id, group.name) for group in found.groups]),
        ("status", visit.text("Status"), _translated(visit, statuses)),
        ("source", visit.text("Came from"), _translated(visit, sources)),
        ("method", visit.text("Signs in with"), _translated(visit, methods)),
        ("role", visit.text("Role"), _translated(visit, roles)),
    ]


def _chips(visit: Visit, asked: Wanted, found: UserList) -> list[tuple[str, str]]:
    """What the list is narrowed to, and the address without it."""
    names = {(name, value): text for name, _, options in _facets(visit, found) for value, text in options}
    return [
        (names.get((name, value), value), asked.without(name, value))
        for name, values in asked.chosen.items()
        for value in values
    ]


def _translated(visit: Visit, names: dict[str, str]) -> list[tuple[str, str]]:
    return [(value, visit.text(text)) for value, text in names.items()]


ROUTES = [Route("/users", signed_in(show))]
