"""One group: members, administrators, nested groups, folders."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import grants, groups, memberships, users
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Invalid, NotFound, Problem, Refused
from innkeeper.domain.groups import Membership
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.words import GroupId, SubjectKind, UserId
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.dates import end_of_day, start_of_day
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.visits import Visit, signed_in

FIELDS = ("kind", "member", "is_admin", "starts_at", "ends_at")


async def show(visit: Visit) -> Response:
    """The page."""
    return await _page(visit, Form(prefix="member"))


async def add(visit: Visit) -> Response:
    """Put someone in, by user name or by the name of a group."""
    form = Form(typed(await visit.form(), FIELDS), prefix="member")
    group_id = GroupId(visit.path("group"))
    try:
        await visit.write(
            _add,
            group_id,
            SubjectKind.GROUP if form.value("kind") == "group" else SubjectKind.USER,
            form.value("member").strip(),
            is_admin=bool(form.values("is_admin")),
            starts_at=start_of_day(visit, "starts_at", form.value("starts_at")),
            ends_at=end_of_day(visit, "ends_at", form.value("ends_at")),
        )
    except Refused as refused:
        return await _page(visit, form.refuse(refused, visit.text, rename={"member_id": "member"}), 422)
    return visit.go(f"/groups/{group_id}", visit.text("The membership was saved."))


async def ask_to_remove(visit: Visit) -> Response:
    """The question before someone is out."""
    group = await visit.read(groups.show, GroupId(visit.path("group")))
    question = Question(
        title=visit.text("Take this member out of the group %(group)s?", group=group.name),
        texts=[visit.text("Whatever the group allowed them is gone at once, also for open connections.")],
        verb=visit.text("Take out"),
        action=f"/groups/{group.id}/members/{visit.path('member')}/remove",
        back=f"/groups/{group.id}",
    )
    return ask(visit, question)


async def remove(visit: Visit) -> Response:
    """Take a member out."""
    await visit.write(memberships.remove, GroupId(visit.path("group")), visit.path("member"))
    return answered(visit, f"/groups/{visit.path('group')}", visit.text("The membership was removed."))


async def _page(visit: Visit, form: Form, status: int = 200) -> Response:
    cursor = visit.query("cursor") or None
    shown = await visit.read(_look, GroupId(visit.path("group")), cursor)
    return visit.page("group", status, form=form, cursor=cursor, **shown)


def _look(call: Call, group_id: GroupId, cursor: str | None) -> dict[str, Any]:
    group = groups.show(call, group_id)
    members = memberships.of_group(call, group_id, limit=50, cursor=cursor)
    granted = grants.page(call, subject_id=group_id).items if reach(call.actor, Right.GRANT_READ) else []
    return {
        "group": group,
        "members": [(entry, *_named(call, entry)) for entry in members.items],
        "next_cursor": members.next_cursor,
        "count": groups.member_counts(call, [group_id]).get(group_id, 0),
        "grants": granted,
        "may_edit": reach(call.actor, Right.GROUP_EDIT) is Reach.ANYONE,
        "sees_folders": reach(call.actor, Right.FOLDER_READ) >= Reach.GROUPS,
        "may_add": reach(call.actor, Right.MEMBERSHIP_EDIT) >= Reach.GROUPS,
    }


def _named(call: Call, entry: Membership) -> tuple[str, str, str]:
    """Name, line below and address of a member; nothing more of one outside the reader's reach."""
    try:
        if entry.member_kind is SubjectKind.GROUP:
            return groups.show(call, GroupId(entry.member_id)).name, "", f"/groups/{entry.member_id}"
        user = users.show(call, UserId(entry.member_id))
    except NotFound:
        return "?", "", ""
    return user.name or user.username, user.email or user.username, f"/users/{user.id}"


def _add(call: Call, /, group_id: GroupId, kind: SubjectKind, name: str, **how: Any) -> Membership:
    try:
        member_id = groups.find(call, name).id if kind is SubjectKind.GROUP else users.find(call, name).id
    except NotFound as error:
        raise Invalid(Problem("member", name, "the name of someone there is", "unknown_member")) from error
    return memberships.add(call, group_id, kind, member_id, **how)


ROUTES = [
    Route("/groups/{group}", signed_in(show)),
    Route("/groups/{group}/members", signed_in(add), methods=["POST"]),
    Route("/groups/{group}/members/{member}/remove", signed_in(ask_to_remove)),
    Route("/groups/{group}/members/{member}/remove", signed_in(remove), methods=["POST"]),
]
