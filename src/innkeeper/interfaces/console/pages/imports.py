"""Imports: send a file, look at what it would do, let it happen, see what failed."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from innkeeper.actions import imports
from innkeeper.actions.call import Call
from innkeeper.actions.imports import ImportWork
from innkeeper.domain.errors import Forbidden, Invalid, NotFound, Problem, Refused
from innkeeper.domain.plans import ImportOptions, Mode, Plan, PlanState, Verdict
from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.words import PlanId
from innkeeper.interfaces.console.confirmations import Question, answered, ask
from innkeeper.interfaces.console.downloads import failed_rows, template
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.visits import Visit, signed_in

PATH = "/imports"
FIELDS = ("mode", "ignore_unknown_columns", "require_password_change")
SHOWN = 50


async def show_all(visit: Visit) -> Response:
    """Every import, newest first."""
    found = await visit.read(imports.page, cursor=visit.query("cursor") or None)
    may_import = visit.reader.may(Right.IMPORT_RUN, Reach.ANYONE)
    return visit.page("imports", found=found, cursor=visit.query("cursor"), may_import=may_import)


async def ask_for_file(visit: Visit) -> Response:
    """The form."""
    return _new(visit, Form({"mode": [Mode.BOTH.value]}))


async def send(visit: Visit) -> Response:
    """Take the file and begin to compare; nothing is changed yet."""
    if not visit.reader.may(Right.IMPORT_RUN, Reach.ANYONE):
        raise Forbidden("your role may not import users")
    data = await visit.form()
    form, file = Form(typed(data, (*FIELDS, "file"))), data.get("file")
    work = _work(visit)
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid(Problem("file", None, "a CSV file", "missing"))
        plan = await visit.write(imports.begin, file.filename, _options(form))
    except Refused as refused:
        form.typed = {**form.typed, "file": []}
        return _new(visit, form.refuse(refused, visit.text), 422)
    await asyncio.to_thread(_keep, file, work.accept_upload(plan.id))
    work.start_import_planning(plan.id)
    return visit.go(f"{PATH}/{plan.id}")


async def show(visit: Visit) -> Response:
    """One import as it stands: being read, ready to be looked at, running, or done."""
    return await _page(visit, Form())


async def apply(visit: Visit) -> Response:
    """Let the plan happen; a large one only with the number typed."""
    form = Form(typed(await visit.form(), ("confirm_count",)))
    text = form.value("confirm_count").strip()
    plan_id = PlanId(visit.path("plan"))
    try:
        await visit.write(imports.apply, plan_id, confirm_count=int(text) if text.isdecimal() else None)
    except Refused as refused:
        return await _page(visit, form.refuse(refused, visit.text), 422)
    _work(visit).start_import_apply(plan_id)
    return visit.go(f"{PATH}/{plan_id}")


async def ask_to_stop(visit: Visit) -> Response:
    """The question before an import ends where it stands."""
    plan = await visit.read(imports.show, PlanId(visit.path("plan")))
    question = Question(
        title=visit.text("Stop the import of %(name)s?", name=plan.name),
        texts=[visit.text("What was done already stays. The rest is not done.")],
        verb=visit.text("Stop the import"),
        action=f"{PATH}/{plan.id}/stop",
        back=f"{PATH}/{plan.id}",
    )
    return ask(visit, question)


async def stop(visit: Visit) -> Response:
    """End it."""
    plan = await visit.write(imports.stop, PlanId(visit.path("plan")))
    return answered(visit, f"{PATH}/{plan.id}", visit.text("The import was stopped."))


async def send_template(_: Visit) -> Response:
    """The file to fill in, with every column."""
    return template()


async def send_failed(visit: Visit) -> StreamingResponse:
    """The rows that failed, each with its reason."""
    return await failed_rows(visit, PlanId(visit.path("plan")))


async def _page(visit: Visit, form: Form, status: int = 200) -> Response:
    verdict = visit.query("verdict")
    chosen = Verdict(verdict) if verdict in set(Verdict) else None
    shown = await visit.read(_look, PlanId(visit.path("plan")), chosen, visit.query("cursor") or None)
    may_run = visit.reader.may(Right.IMPORT_RUN, Reach.ANYONE)
    return visit.page("import", status, form=form, cursor=visit.query("cursor"), may_run=may_run, **shown)


def _look(call: Call, plan_id: PlanId, verdict: Verdict | None, cursor: str | None) -> dict[str, Any]:
    plan = imports.show(call, plan_id)
    chosen = verdict or _most_telling(plan)
    page = (
        None
        if plan.is_running
        else imports.changes(call, plan_id, verdict=chosen, limit=SHOWN, cursor=cursor)
    )
    tripped = imports.brake(call, plan_id) if plan.state is PlanState.PLANNED else None
    return {"plan": plan, "verdict": chosen, "changes": page, "brake": tripped}


def _most_telling(plan: Plan) -> Verdict:
    """Problems first, then what would change."""
    counts = plan.counts
    order = (Verdict.INVALID, Verdict.CONFLICTING, Verdict.NEW, Verdict.CHANGED)
    return next((verdict for verdict in order if getattr(counts, verdict.value)), Verdict.UNCHANGED)


def _new(visit: Visit, form: Form, status: int = 200) -> Response:
    modes = [
        (Mode.BOTH.value, visit.text("Add new users and change known ones")),
        (Mode.CREATE.value, visit.text("Only add new users")),
        (Mode.UPDATE.value, visit.text("Only change known users")),
    ]
    return visit.page("import_form", status, form=form, modes=modes)


def _options(form: Form) -> ImportOptions:
    mode = form.value("mode")
    return ImportOptions(
        mode=Mode(mode) if mode in set(Mode) else Mode.BOTH,
        ignore_unknown_columns=bool(form.values("ignore_unknown_columns")),
        require_password_change=bool(form.values("require_password_change")),
    )


def _work(visit: Visit) -> ImportWork:
    if visit.console.imports is None:
        raise NotFound("import", "")
    return visit.console.imports


def _keep(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(upload.file, target, 1_048_576)


ROUTES = [
    Route(PATH, signed_in(show_all)),
    Route(PATH, signed_in(send), methods=["POST"]),
    Route(f"{PATH}/new", signed_in(ask_for_file)),
    Route(f"{PATH}/template.csv", signed_in(send_template)),
    Route(f"{PATH}/{{plan}}", signed_in(show)),
    Route(f"{PATH}/{{plan}}/apply", signed_in(apply), methods=["POST"]),
    Route(f"{PATH}/{{plan}}/stop", signed_in(ask_to_stop)),
    Route(f"{PATH}/{{plan}}/stop", signed_in(stop), methods=["POST"]),
    Route(f"{PATH}/{{plan}}/failed.csv", signed_in(send_failed)),
]
