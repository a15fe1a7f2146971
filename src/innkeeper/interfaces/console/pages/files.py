"""The files of the site, as far as the reader may see them: folders, and what can be changed there."""

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.domain import paths
from innkeeper.domain.access import Ability
from innkeeper.domain.errors import Invalid, Problem, Refused
from innkeeper.files import pages, trees
from innkeeper.files.room import Room
from innkeeper.files.storage import Entry
from innkeeper.files.trees import Found
from innkeeper.interfaces.console.confirmations import Question, ask
from innkeeper.interfaces.console.file_paths import PATH, crumbs, linker, path_of, shown, to
from innkeeper.interfaces.console.file_rows import FileRow, file_row
from innkeeper.interfaces.console.file_visits import room_of
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.rendering import address
from innkeeper.interfaces.console.visits import Visit, signed_in
from innkeeper.kit.threads import in_thread

SHOWN = 200


async def show(visit: Visit) -> Response:
    """A folder, in pages however much it holds; the address of a file leads to its own page."""
    asked, cursor = path_of(visit.request), visit.query("cursor")
    sort = visit.query("sort") if visit.query("sort") in pages.SORTS else "name"
    text = visit.query("q").strip()
    async with room_of(visit, asked) as room:
        folder = await in_thread(found_at, room, asked)
        if not folder.is_folder:
            return visit.go(to("/file", folder.path))
        page = await in_thread(
            pages.page, room, folder.path, limit=SHOWN, cursor=cursor or None, sort=sort, text=text
        )
        is_top = folder.path == paths.ROOT
        may = may_in(room, folder.path)
        # The folder itself is a name in the one that holds it.
        may["rename"] = not is_top and may["move"] and may_in(room, paths.parent(folder.path))["move"]
    link = linker(folder.path, sort="" if sort == "name" else sort, q=text)
    answer = visit.page(
        "files",
        folder=file_row(folder),
        rows=[file_row(found) for found in page.items],
        crumbs=crumbs(folder.path),
        may=may,
        sort=sort,
        text=text,
        link=link,
        first=link() if cursor else "",
        next=link(cursor=page.next_cursor) if page.next_cursor else "",
        is_top=is_top,
        receiver=to("/content", paths.join(folder.path, "")),
    )
    return address(answer, link())


async def ask_for_folder(visit: Visit) -> Response:
    """The form for a new folder."""
    return _folder_form(visit, Form())


async def make_folder(visit: Visit) -> Response:
    """Make it, and go there."""
    form, above = Form(typed(await visit.form(), ("name",))), path_of(visit.request)
    try:
        path = paths.join(paths.normalize(above), _name(form))
        async with room_of(visit, path) as room:
            await in_thread(room.make_folder, path)
    except Refused as refused:
        return _folder_form(visit, form.refuse(refused, visit.text), 422)
    return visit.go(to("", path), visit.text("The folder %(name)s was made.", name=form.value("name")))


async def ask_to_move(visit: Visit) -> Response:
    """The form with name and folder as they are."""
    row = await _row(visit)
    return _move_form(visit, row, Form({"name": [row.name], "folder": [shown(paths.parent(row.path))]}))


async def move(visit: Visit) -> Response:
    """Give it another name, or another place."""
    row = await _row(visit)
    form = Form(typed(await visit.form(), ("name", "folder")))
    try:
        name = paths.name(row.path) if form.value("name") == row.name else _name(form)
        async with room_of(visit, row.path) as room:
            new_path = paths.join(room.resolve(form.value("folder").strip() or paths.ROOT), name)
            if new_path != row.path:
                await in_thread(room.rename, row.path, new_path)
    except Refused as refused:
        return _move_form(visit, row, form.refuse(refused, visit.text), 422)
    return visit.go(to("", paths.parent(new_path)), visit.text("%(name)s was moved.", name=row.name))


async def ask_to_delete(visit: Visit) -> Response:
    """The question before something is gone for good."""
    row = await _row(visit)
    all_of_it = visit.text("Everything in it is deleted too, as far as you may. There is no way back.")
    question = Question(
        title=visit.text("Delete %(name)s?", name=row.name),
        texts=[all_of_it if row.is_folder else visit.text("There is no way back.")],
        verb=visit.text("Delete"),
        action=row.to("/delete"),
        back=to("", paths.parent(row.path)),
    )
    return ask(visit, question)


async def delete(visit: Visit) -> Response:
    """Delete it, a folder with all it holds."""
    row = await _row(visit)
    async with room_of(visit, row.path) as room:
        await in_thread(trees.delete, room, row.path)
    return visit.go(to("", paths.parent(row.path)), visit.text("%(name)s was deleted.", name=row.name))


def found_at(room: Room, path: str) -> Found:
    """The file or folder of this path."""
    path = room.resolve(path)
    return Found(path, Entry(paths.name(path), room.stat(path)))


def may_in(room: Room, folder: str) -> dict[str, bool]:
    """What the page of a folder offers."""
    allowed = room.abilities(folder)
    return {
        "read": Ability.READ in allowed,
        "create": Ability.CREATE in allowed,
        "delete": Ability.DELETE in allowed,
        "move": Ability.READ | Ability.DELETE in allowed,
    }


async def _row(visit: Visit) -> FileRow:
    path = path_of(visit.request)
    async with room_of(visit, path) as room:
        return file_row(await in_thread(found_at, room, path))


def _folder_form(visit: Visit, form: Form, status: int = 200) -> Response:
    above = path_of(visit.request)
    return visit.page("file_folder_form", status, form=form, action=to("/folders", above), back=to("", above))


def _move_form(visit: Visit, row: FileRow, form: Form, status: int = 200) -> Response:
    back = to("", paths.parent(row.path))
    return visit.page("file_move_form", status, form=form, row=row, action=row.to("/move"), back=back)


def _name(form: Form) -> str:
    name = form.value("name").strip()
    if not name or name in (".", "..") or "/" in name:
        raise Invalid(Problem("name", name, "a name without slashes"))
    return paths.name(paths.normalize(paths.join(paths.ROOT, name)))


ROUTES = [
    Route(PATH, signed_in(show)),
    Route(f"{PATH}/folders", signed_in(ask_for_folder)),
    Route(f"{PATH}/folders", signed_in(make_folder), methods=["POST"]),
    Route(f"{PATH}/move", signed_in(ask_to_move)),
    Route(f"{PATH}/move", signed_in(move), methods=["POST"]),
    Route(f"{PATH}/delete", signed_in(ask_to_delete)),
    Route(f"{PATH}/delete", signed_in(delete), methods=["POST"]),
]
