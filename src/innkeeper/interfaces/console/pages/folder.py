"""One folder: who has what on it, and why."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import folders, grants, groups, users
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Invalid, NotFound, Problem, Refused
from innkeeper.domain.folders import Grant
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.words import FolderId, GrantId, SubjectKind
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.dates import end_of_day, site_zone, start_of_day
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.levels import level_of, level_options
from innkeeper.interfaces.console.times import Times
from innkeeper.interfaces.console.visits import Visit, signed_in

FIELDS = ("kind", "subject", "level", "is_recursive", "starts_at", "ends_at")


async def show(visit: Visit) -> Response:
    """The page."""
    return await _page(visit, Form({"level": ["read"], "is_recursive": ["yes"]}, prefix="grant"))


async def add(visit: Visit) -> Response:
    """Grant a user or a group something here."""
    form = Form(typed(await visit.form(), FIELDS), prefix="grant")
    folder_id = FolderId(visit.path("folder"))
    try:
        await visit.write(
            _add, folder_id, form.value("kind"), form.value("subject").strip(), **_terms(visit, form)
        )
    except Refused as refused:
        return await _page(visit, form.refuse(refused, visit.text), 422)
    return visit.go(f"/folders/{folder_id}", visit.text("Access was granted."))


async def ask_to_edit(visit: Visit) -> Response:
    """The form as the grant stands."""
    grant = await visit.read(grants.show, GrantId(visit.path("grant")))
    return _grant_form(visit, grant, _filled(visit, grant))


async def edit(visit: Visit) -> Response:
    """Change level, reach or dates."""
    grant = await visit.read(grants.show, GrantId(visit.path("grant")))
    form = Form(typed(await visit.form(), FIELDS))
    try:
        await visit.write(grants.edit, grant.id, **_terms(visit, form))
    except Refused as refused:
        return _grant_form(visit, grant, form.refuse(refused, visit.text), 422)
    return visit.go(f"/folders/{visit.path('folder')}", visit.text("The changes were saved."))


async def ask_to_remove(visit: Visit) -> Response:
    """The question before a grant goes."""
    grant = await visit.read(grants.show, GrantId(visit.path("grant")))
    question = Question(
        title=visit.text("Take away this access to %(path)s?", path=grant.path),
        texts=[visit.text("It ends at once, also for open connections. Access by other grants stays.")],
        verb=visit.text("Take away"),
        action=f"/folders/{visit.path('folder')}/grants/{grant.id}/remove",
        back=f"/folders/{visit.path('folder')}",
    )
    return ask(visit, question)


async def remove(visit: Visit) -> Response:
    """Take the grant away."""
    await visit.write(grants.remove, GrantId(visit.path("grant")))
    return answered(visit, f"/folders/{visit.path('folder')}", visit.text("The access was taken away."))


async def _page(visit: Visit, form: Form, status: int = 200) -> Response:
    shown = await visit.read(_look, FolderId(visit.path("folder")))
    return visit.page("folder", status, form=form, level_options=level_options(visit.text), **shown)


def _look(call: Call, folder_id: FolderId) -> dict[str, Any]:
    folder = folders.show(call, folder_id)
    own = list(grants.page(call, folder_id=folder_id, limit=200).items)
    above = _from_above(call, folder.path) if not folder.is_fenced else []
    names = grants.subject_names(call, [*own, *above])
    may = reach(call.actor, Right.GRANT_EDIT) is Reach.ANYONE and not call.actor.is_read_only
    return {"folder": folder, "grants": own, "above": above, "names": names, "may_edit": may, "now": call.now}


def _from_above(call: Call, path: str) -> list[Grant]:
    """Recursive grants on listed folders above, nearest first, as far as the first fence."""
    listed = {folder.path: folder for folder in folders.page(call, limit=500).items}
    found: list[Grant] = []
    while path not in ("", "/"):
        path = path.rpartition("/")[0] or "/"
        folder = listed.get(path)
        if folder is not None:
            found += [
                grant
                for grant in grants.page(call, folder_id=folder.id, limit=200).items
                if grant.is_recursive
            ]
        if folder is not None and folder.is_fenced:
            break
    return found


def _add(call: Call, /, folder_id: FolderId, kind: str, name: str, **terms: Any) -> Grant:
    folder = folders.show(call, folder_id)
    subject = SubjectKind.GROUP if kind == "group" else SubjectKind.USER
    try:
        subject_id = groups.find(call, name).id if subject is SubjectKind.GROUP else users.find(call, name).id
    except NotFound as error:
        raise Invalid(Problem("subject", name, "the name of someone there is", "unknown_member")) from error
    level = terms.pop("level")
    return grants.add(call, folder.path, subject, subject_id, level, **terms)


def _terms(visit: Visit, form: Form) -> dict[str, Any]:
    return {
        "level": level_of(form.value("level")),
        "is_recursive": bool(form.values("is_recursive")),
        "starts_at": start_of_day(visit, "starts_at", form.value("starts_at")),
        "ends_at": end_of_day(visit, "ends_at", form.value("ends_at")),
    }


def _filled(visit: Visit, grant: Grant) -> Form:
    times = Times(visit.times.locale, site_zone(visit), visit.times.now)
    starts_at = grant.starts_at.astimezone(times.zone).date().isoformat() if grant.starts_at else ""
    return Form(
        {
            "level": [grant.level.value],
            "is_recursive": ["yes"] if grant.is_recursive else [],
            "starts_at": [starts_at],
            "ends_at": [times.date_value(grant.ends_at)],
        }
    )


def _grant_form(visit: Visit, grant: Grant, form: Form, status: int = 200) -> Response:
    return visit.page("grant_form", status, grant=grant, form=form, level_options=level_options(visit.text))


ROUTES = [
    Route("/folders/{folder}", signed_in(show)),
    Route("/folders/{folder}/grants", signed_in(add), methods=["POST"]),
    Route("/folders/{folder}/grants/{grant}/edit", signed_in(ask_to_edit)),
    Route("/folders/{folder}/grants/{grant}/edit", signed_in(edit), methods=["POST"]),
    Route("/folders/{folder}/grants/{grant}/remove", signed_in(ask_to_remove)),
    Route("/folders/{folder}/grants/{grant}/remove", signed_in(remove), methods=["POST"]),
]
