"""Groups and folder grants on a user's page: join, leave, grant, take away."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import grants, groups, memberships
from innkeeper.domain.errors import Refused
from innkeeper.domain.words import GrantId, GroupId, SubjectKind
from innkeeper.interfaces.console import owners
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.dates import end_of_day, start_of_day
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.levels import level_of
from innkeeper.interfaces.console.owners import owner_of
from innkeeper.interfaces.console.visits import Visit, signed_in

MEMBERSHIP_FIELDS = ("group_id", "is_admin", "starts_at", "ends_at")
GRANT_FIELDS = ("path", "level", "is_recursive", "starts_at", "ends_at")


async def join(visit: Visit) -> Response:
    """Put the user into a group, for a while if dates say so."""
    owner = owner_of(visit)
    form = Form(typed(await visit.form(), MEMBERSHIP_FIELDS), prefix="membership")
    try:
        await visit.write(
            memberships.add,
            GroupId(form.value("group_id")),
            SubjectKind.USER,
            owner.id,
            is_admin=bool(form.values("is_admin")),
            starts_at=start_of_day(visit, "starts_at", form.value("starts_at")),
            ends_at=end_of_day(visit, "ends_at", form.value("ends_at")),
        )
    except Refused as refused:
        return await owners.refused(visit, owner, "access", "membership", form.refuse(refused, visit.text))
    return await owners.done(visit, owner, "access", visit.text("The membership was saved."))


async def ask_to_leave(visit: Visit) -> Response:
    """The question before a user leaves a group."""
    owner = owner_of(visit)
    group = await visit.read(groups.show, GroupId(visit.path("group")))
    question = Question(
        title=visit.text("Take this user out of the group %(group)s?", group=group.name),
        texts=[visit.text("Whatever the group allowed them is gone at once, also for open connections.")],
        verb=visit.text("Take out"),
        action=f"{owner.base}/groups/{group.id}/leave",
        back=f"{owner.base}?tab=access",
    )
    return ask(visit, question)


async def leave(visit: Visit) -> Response:
    """Take the user out of a group."""
    owner = owner_of(visit)
    await visit.write(memberships.remove, GroupId(visit.path("group")), owner.id)
    return answered(visit, f"{owner.base}?tab=access", visit.text("The membership was removed."))


async def grant(visit: Visit) -> Response:
    """Give the user access to a folder."""
    owner = owner_of(visit)
    form = Form(typed(await visit.form(), GRANT_FIELDS), prefix="grant")
    try:
        await visit.write(
            grants.add,
            form.value("path").strip(),
            SubjectKind.USER,
            owner.id,
            level_of(form.value("level")),
            is_recursive=bool(form.values("is_recursive")),
            starts_at=start_of_day(visit, "starts_at", form.value("starts_at")),
            ends_at=end_of_day(visit, "ends_at", form.value("ends_at")),
        )
    except Refused as refused:
        return await owners.refused(visit, owner, "access", "grant", form.refuse(refused, visit.text))
    return await owners.done(visit, owner, "access", visit.text("Access was granted."))


async def ask_to_take_away(visit: Visit) -> Response:
    """The question before a grant goes."""
    owner = owner_of(visit)
    known = await visit.read(grants.show, GrantId(visit.path("grant")))
    question = Question(
        title=visit.text("Take away this access to %(path)s?", path=known.path),
        texts=[visit.text("It ends at once, also for open connections. Access by other grants stays.")],
        verb=visit.text("Take away"),
        action=f"{owner.base}/grants/{known.id}/remove",
        back=f"{owner.base}?tab=access",
    )
    return ask(visit, question)


async def take_away(visit: Visit) -> Response:
    """Remove a grant."""
    await visit.write(grants.remove, GrantId(visit.path("grant")))
    return answered(visit, f"{owner_of(visit).base}?tab=access", visit.text("The access was taken away."))


ROUTES = [
    Route("/users/{user}/groups", signed_in(join), methods=["POST"]),
    Route("/users/{user}/groups/{group}/leave", signed_in(ask_to_leave)),
    Route("/users/{user}/groups/{group}/leave", signed_in(leave), methods=["POST"]),
    Route("/users/{user}/grants", signed_in(grant), methods=["POST"]),
    Route("/users/{user}/grants/{grant}/remove", signed_in(ask_to_take_away)),
    Route("/users/{user}/grants/{grant}/remove", signed_in(take_away), methods=["POST"]),
]
