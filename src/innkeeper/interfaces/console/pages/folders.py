"""Folders: the list as a tree, and the form that lists one or changes its fence."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import folders
from innkeeper.domain.errors import Refused
from innkeeper.domain.folders import Folder
from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.words import FolderId
from innkeeper.interfaces.console.confirmations import Question, ask
from innkeeper.interfaces.console.forms import Form, number, typed
from innkeeper.interfaces.console.paths import linker, with_query
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.visits import Visit, signed_in

PATH = "/folders"
FIELDS = ("path", "notes", "is_fenced", "quota_mb", "version")
SHOWN = 200


async def show(visit: Visit) -> Response:
    """The list, narrowed by a part of the path."""
    query = visit.request.query_params
    pairs = [(name, value) for name, value in query.multi_items() if value]
    found = await visit.read(
        folders.page, text=query.get("q", "").strip(), limit=SHOWN, cursor=query.get("cursor") or None
    )
    answer = visit.page(
        "folders",
        found=found,
        rows=[(folder, _depth(folder, found.items)) for folder in found.items],
        text=query.get("q", ""),
        link=linker(PATH, pairs, {}),
        cursor=query.get("cursor"),
        may_edit=visit.reader.may(Right.FOLDER_EDIT, Reach.ANYONE),
    )
    return address(answer, with_query(PATH, pairs, {}))


async def ask_for_new(visit: Visit) -> Response:
    """An empty form."""
    return _form(visit, Form({"path": [visit.query("path")]}))


async def create(visit: Visit) -> Response:
    """List the folder."""
    form = Form(typed(await visit.form(), FIELDS))
    try:
        made = await visit.write(folders.create, {"path": form.value("path").strip(), **_values(form)})
    except Refused as refused:
        return _form(visit, form.refuse(refused, visit.text), 422)
    return visit.go(f"{PATH}/{made.id}", visit.text("The folder %(path)s is listed.", path=made.path))


async def ask_to_edit(visit: Visit) -> Response:
    """The form as the folder stands."""
    folder = await _folder(visit)
    fence = ["yes"] if folder.is_fenced else []
    values = {"notes": [folder.notes], "is_fenced": fence, "version": [str(folder.version)]}
    form = Form(values | {"quota_mb": [str(folder.quota_mb or "")]})
    return _form(visit, form, folder=folder)


async def edit(visit: Visit) -> Response:
    """Save notes, fence and quota."""
    folder = await _folder(visit)
    form = Form(typed(await visit.form(), FIELDS))
    version = int(form.value("version")) if form.value("version").isdecimal() else None
    try:
        await visit.write(folders.edit, folder.id, _values(form), version=version)
    except Refused as refused:
        return _form(visit, form.refuse(refused, visit.text), 422, folder=folder)
    return visit.go(f"{PATH}/{folder.id}", visit.text("The changes were saved."))


async def ask_to_delete(visit: Visit) -> Response:
    """The question before a folder is off the list."""
    folder = await _folder(visit)
    question = Question(
        title=visit.text("Take %(path)s off the list?", path=folder.path),
        texts=[
            visit.text("Every grant on it goes, and its fence. Files on the disk stay."),
            visit.text("Access that comes from folders above it then counts here too."),
        ],
        verb=visit.text("Take off the list"),
        action=f"{PATH}/{folder.id}/delete",
        back=f"{PATH}/{folder.id}",
    )
    return ask(visit, question)


async def delete(visit: Visit) -> Response:
    """Forget the folder with its grants and fence."""
    await visit.write(folders.delete, FolderId(visit.path("folder")))
    return visit.go(PATH, visit.text("The folder is off the list."))


async def _folder(visit: Visit) -> Folder:
    return await visit.read(folders.show, FolderId(visit.path("folder")))


def _form(visit: Visit, form: Form, status: int = 200, *, folder: Folder | None = None) -> Response:
    title = visit.text("Edit %(name)s", name=folder.path) if folder else visit.text("List a folder")
    return visit.page("folder_form", status, form=form, folder=folder, title=title)


def _values(form: Form) -> dict[str, Any]:
    values = {"notes": form.value("notes"), "is_fenced": bool(form.values("is_fenced"))}
    return values | {"quota_mb": number(form.value("quota_mb"))}


def _depth(folder: Folder, known: Sequence[Folder]) -> int:
    """How many listed folders hold this one; the tree is drawn as far as six deep."""
    above = sum(
        folder.path != other.path and folder.path.startswith(other.path.rstrip("/") + "/") for other in known
    )
    return min(above, 6)


ROUTES = [
    Route(PATH, signed_in(show)),
    Route(f"{PATH}/new", signed_in(ask_for_new)),
    Route(f"{PATH}/new", signed_in(create), methods=["POST"]),
    Route(f"{PATH}/{{folder}}/edit", signed_in(ask_to_edit)),
    Route(f"{PATH}/{{folder}}/edit", signed_in(edit), methods=["POST"]),
    Route(f"{PATH}/{{folder}}/delete", signed_in(ask_to_delete)),
    Route(f"{PATH}/{{folder}}/delete", signed_in(delete), methods=["POST"]),
]
