"""The users page as the address asks for it: view, filters, sort, place; and where its links lead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.datastructures import QueryParams

from innkeeper.actions import groups, portraits, users
from innkeeper.actions.call import Call
from innkeeper.actions.portraits import Portrait
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import USER_SORTS, UserQuery
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.users import User
from innkeeper.domain.words import GroupId, Role, Source, Status
from innkeeper.interfaces.console.paths import linker, with_query, without

PATH = "/users"
DEFAULTS = {"view": "all", "sort": "name"}
FACETS = ("status", "group", "source", "method", "role", "tag")
SOON = timedelta(days=30)
MOST_GROUPS = 200
HERE = (Status.ACTIVE, Status.INVITED, Status.LOCKED)
VIEWS: dict[str, tuple[Status, ...]] = {
    "all": (),
    "active": (Status.ACTIVE,),
    "invited": (Status.INVITED,),
    "expiring": HERE,
    "locked": (Status.LOCKED,),
    "suspended": (Status.SUSPENDED,),
    "ended": (Status.EXPIRED, Status.INACTIVE),
    "deleted": (Status.DELETED,),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for, cleaned: unknown views, sorts and filters count as absent."""

    pairs: list[tuple[str, str]]
    view: str
    sort: str
    text: str
    chosen: dict[str, list[str]]
    cursor: str | None

    @property
    def link(self) -> Callable[..., str]:
        return linker(PATH, self.pairs, DEFAULTS)

    @property
    def here(self) -> str:
        return with_query(PATH, self.pairs, DEFAULTS)

    def without(self, name: str, value: str) -> str:
        return without(PATH, self.pairs, name, value, DEFAULTS)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or any(self.chosen.values()))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    user: User
    status: Status
    groups: Sequence[str]
    is_expiring: bool


@dataclass(frozen=True, slots=True)
class UserList:
    """One page of users, with how many each view holds."""

    rows: Sequence[Row]
    next_cursor: str | None
    counts: dict[str, int]
    groups: Sequence[Group]


def wanted(parameters: QueryParams) -> Wanted:
    """Read the address."""
    pairs = [
        (name, value) for name, value in parameters.multi_items() if value and name not in ("open", "tab")
    ]
    view, sort = parameters.get("view", "all"), parameters.get("sort", "name")
    return Wanted(
        pairs,
        view if view in VIEWS else "all",
        sort if sort.removeprefix("-") in USER_SORTS else "name",
        parameters.get("q", "").strip(),
        {name: [value for value in parameters.getlist(name) if value] for name in FACETS},
        parameters.get("cursor") or None,
    )


def read(call: Call, asked: Wanted) -> UserList:
    """Everything on the page, at one moment."""
    soon = call.now + SOON
    page = portraits.page(call, _query(asked, soon))
    known = list(groups.page(call, limit=MOST_GROUPS).items) if _sees_groups(call) else []
    rows = [_row(portrait, call.now, soon) for portrait in page.items]
    return UserList(rows, page.next_cursor, _counts(call, asked, soon), known)


def _query(asked: Wanted, soon: datetime) -> UserQuery:
    chosen = asked.chosen
    statuses = tuple(Status(value) for value in chosen["status"] if value in set(Status))
    return UserQuery(
        text=asked.text,
        statuses=VIEWS[asked.view] or statuses,
        groups=tuple(GroupId(value) for value in chosen["group"]),
        sources=tuple(value for value in chosen["source"] if value in set(Source)),
        methods=tuple(chosen["method"]),
        roles=tuple(value for value in chosen["role"] if value in set(Role)),
        tags=tuple(chosen["tag"]),
        expires_before=soon if asked.view == "expiring" else None,
        sort=asked.sort,
        cursor=asked.cursor,
    )


def _counts(call: Call, asked: Wanted, soon: datetime) -> dict[str, int]:
    everything = Wanted(asked.pairs, "all", asked.sort, asked.text, asked.chosen, None)
    found = users.counts(call, _query(everything, soon))
    ending = Wanted(asked.pairs, "expiring", asked.sort, asked.text, asked.chosen, None)
    expiring = users.counts(call, _query(ending, soon))
    counts = {view: sum(found.get(status, 0) for status in statuses) for view, statuses in VIEWS.items()}
    counts["all"] = sum(number for status, number in found.items() if status is not Status.DELETED)
    counts["expiring"] = sum(expiring.get(status, 0) for status in HERE)
    return counts


def _row(portrait: Portrait, now: datetime, soon: datetime) -> Row:
    user, ends = portrait.user, portrait.user.access_expires_at
    return Row(user, user.status(now), portrait.groups, ends is not None and now < ends < soon)


def _sees_groups(call: Call) -> bool:
    return reach(call.actor, Right.GROUP_READ) > Reach.NOBODY
