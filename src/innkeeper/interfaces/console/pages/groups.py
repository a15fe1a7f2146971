"""The list of groups, and the form that makes or edits one."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import groups
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Refused
from innkeeper.domain.groups import Group
from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.words import GroupId, Protocol
from innkeeper.interfaces.console import labels
from innkeeper.interfaces.console.confirmations import Question, ask
from innkeeper.interfaces.console.forms import Form, typed, words
from innkeeper.interfaces.console.paths import linker, with_query
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.visits import Visit, signed_in

PATH = "/groups"
FIELDS = ("name", "notes", "allowed_ips", "own_protocols", "protocols", "require_2fa", "version")


async def show(visit: Visit) -> Response:
    """The list, narrowed by name."""
    query = visit.request.query_params
    pairs = [(name, value) for name, value in query.multi_items() if value]
    found, counts = await visit.read(_page, query.get("q", "").strip(), query.get("cursor") or None)
    answer = visit.page(
        "groups",
        found=found,
        counts=counts,
        text=query.get("q", ""),
        link=linker(PATH, pairs, {}),
        cursor=query.get("cursor"),
        may_create=visit.reader.may(Right.GROUP_CREATE, Reach.ANYONE),
    )
    return address(answer, with_query(PATH, pairs, {}))


async def ask_for_new(visit: Visit) -> Response:
    """An empty form."""
    return _form(visit, Form())


async def create(visit: Visit) -> Response:
    """Make the group."""
    form = Form(typed(await visit.form(), FIELDS))
    try:
        made = await visit.write(groups.create, _values(form))
    except Refused as refused:
        return _form(visit, form.refuse(refused, visit.text), 422)
    return visit.go(f"{PATH}/{made.id}", visit.text("The group %(name)s was added.", name=made.name))


async def ask_to_edit(visit: Visit) -> Response:
    """The form as the group stands."""
    group = await _group(visit)
    return _form(visit, _filled(group), group=group)


async def edit(visit: Visit) -> Response:
    """Save what changed."""
    group = await _group(visit)
    form = Form(typed(await visit.form(), FIELDS))
    version = int(form.value("version")) if form.value("version").isdecimal() else None
    try:
        await visit.write(groups.edit, group.id, _values(form), version=version)
    except Refused as refused:
        return _form(visit, form.refuse(refused, visit.text), 422, group=group)
    return visit.go(f"{PATH}/{group.id}", visit.text("The changes were saved."))


async def ask_to_delete(visit: Visit) -> Response:
    """The question before a group goes."""
    group = await _group(visit)
    question = Question(
        title=visit.text("Delete the group %(name)s?", name=group.name),
        texts=[
            visit.text("Its members stay, but lose whatever the group allowed them. This cannot be undone.")
        ],
        verb=visit.text("Delete"),
        action=f"{PATH}/{group.id}/delete",
        back=f"{PATH}/{group.id}",
    )
    return ask(visit, question)


async def delete(visit: Visit) -> Response:
    """Delete the group with its memberships and grants."""
    await visit.write(groups.delete, GroupId(visit.path("group")))
    return visit.go(PATH, visit.text("The group was deleted."))


def _page(call: Call, text: str, cursor: str | None) -> tuple[Any, dict[str, int]]:
    found = groups.page(call, text=text, cursor=cursor)
    return found, groups.member_counts(call, [group.id for group in found.items])


async def _group(visit: Visit) -> Group:
    return await visit.read(groups.show, GroupId(visit.path("group")))


def _form(visit: Visit, form: Form, status: int = 200, *, group: Group | None = None) -> Response:
    protocols = [(protocol.value, visit.text(labels.PROTOCOLS[protocol.value])) for protocol in Protocol]
    title = visit.text("Edit %(name)s", name=group.name) if group else visit.text("Add group")
    return visit.page("group_form", status, form=form, group=group, title=title, protocols=protocols)


def _filled(group: Group) -> Form:
    return Form(
        {
            "name": [group.name],
            "notes": [group.notes],
            "allowed_ips": ["\n".join(group.allowed_ips)],
            "own_protocols": ["yes"] if group.protocols is not None else [],
            "protocols": list(group.protocols or ()),
            "require_2fa": ["yes"] if group.require_2fa else [],
            "version": [str(group.version)],
        }
    )


def _values(form: Form) -> dict[str, Any]:
    return {
        "name": form.value("name").strip(),
        "notes": form.value("notes"),
        "allowed_ips": words(form.value("allowed_ips")),
        "protocols": list(form.values("protocols")) if form.values("own_protocols") else None,
        "require_2fa": bool(form.values("require_2fa")),
    }


ROUTES = [
    Route(PATH, signed_in(show)),
    Route(f"{PATH}/new", signed_in(ask_for_new)),
    Route(f"{PATH}/new", signed_in(create), methods=["POST"]),
    Route(f"{PATH}/{{group}}/edit", signed_in(ask_to_edit)),
    Route(f"{PATH}/{{group}}/edit", signed_in(edit), methods=["POST"]),
    Route(f"{PATH}/{{group}}/delete", signed_in(ask_to_delete)),
    Route(f"{PATH}/{{group}}/delete", signed_in(delete), methods=["POST"]),
]
