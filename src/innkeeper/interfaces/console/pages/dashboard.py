"""The first page: who needs a look, how many there are in each state, and who came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import events, users
from innkeeper.actions.call import Call
from innkeeper.domain.queries import EventQuery, UserQuery
from innkeeper.domain.rights import Right
from innkeeper.domain.users import User
from innkeeper.domain.words import Status
from innkeeper.interfaces.console.days import columns_of, first_moments
from innkeeper.interfaces.console.stories import tell
from innkeeper.interfaces.console.visits import Visit, signed_in

A_WEEK = timedelta(days=7)
MOST_NEEDS = 6
TILES = (
    ("active", "ok", "circle-check", ("active",)),
    ("invited", "info", "mail", ("invited",)),
    ("expiring", "warn", "hourglass", ()),
    ("locked", "bad", "lock", ("locked",)),
    ("suspended", "", "circle-slash", ("suspended",)),
    ("ended", "", "calendar-x", ("expired", "inactive")),
)


@dataclass(frozen=True, slots=True)
class Need:
    """Someone to look at, and why."""

    user: User
    status: Status
    why: str
    at: datetime | None


async def show(visit: Visit) -> Response:
    """The page; people who look after nobody but themselves land on their account."""
    if not visit.reader.is_administrator:
        return visit.go("/account")
    seen = await visit.read(look, first_moments(visit))
    names = {
        "active": visit.text("Active"),
        "invited": visit.text("Invited"),
        "expiring": visit.text("Expiring in 7 days"),
        "locked": visit.text("Locked"),
        "suspended": visit.text("Suspended"),
        "ended": visit.text("Ended"),
    }
    return visit.page(
        "dashboard",
        tiles=[(view, kind, icon, names[view], seen["counts"][view]) for view, kind, icon, _ in TILES],
        needs=seen["needs"],
        series=columns_of(visit, seen["per_day"], only=("login.",)),
        stories=[tell(event, visit.text) for event in seen["events"].items],
        may_create=visit.reader.may(Right.USER_CREATE),
        is_new=seen["is_new"],
    )


def look(call: Call, days: Sequence[datetime]) -> dict[str, Any]:
    """Everything on the page, at one moment."""
    soon = call.now + A_WEEK
    found = users.counts(call, UserQuery())
    counts = {view: sum(found.get(Status(name), 0) for name in statuses) for view, _, _, statuses in TILES}
    ending = UserQuery(
        statuses=(Status.ACTIVE, Status.INVITED, Status.LOCKED),
        expires_before=soon,
        sort="access_expires",
        limit=MOST_NEEDS,
    )
    counts["expiring"] = sum(users.counts(call, ending).get(status, 0) for status in ending.statuses)
    offset = int((days[-1].utcoffset() or timedelta()).total_seconds() // 60)
    return {
        "counts": counts,
        "needs": _needs(call, ending),
        "per_day": events.per_day(call, EventQuery(kinds=("login.",)), days[0], offset_minutes=offset),
        "events": events.page(call, EventQuery(limit=8)),
        "is_new": sum(found.values()) < 2,
    }


def _needs(call: Call, ending: UserQuery) -> list[Need]:
    locked = users.page(call, UserQuery(statuses=(Status.LOCKED,), limit=MOST_NEEDS)).items
    invited = users.page(call, UserQuery(statuses=(Status.INVITED,), sort="created", limit=50)).items
    late = [user for user in invited if user.require_login_by and user.require_login_by < call.now + A_WEEK]
    needs = [Need(user, Status.LOCKED, "locked", user.locked_until) for user in locked]
    needs += [
        Need(user, user.status(call.now), "expiring", user.access_expires_at)
        for user in users.page(call, ending).items
    ]
    needs += [Need(user, Status.INVITED, "late", user.require_login_by) for user in late]
    return needs[: 2 * MOST_NEEDS]


ROUTES = [Route("/", signed_in(show))]
