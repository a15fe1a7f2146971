"""Imports: send a CSV file, and a plan is made of it in the background."""

from typing import Any

from fastapi import APIRouter, Request, Response

from innkeeper.actions import imports
from innkeeper.actions.call import Call
from innkeeper.actions.imports import ImportWork
from innkeeper.domain.errors import Invalid, NotNow, Problem
from innkeeper.domain.plans import ImportOptions, Mode
from innkeeper.domain.rights import Right
from innkeeper.domain.words import PlanId
from innkeeper.interfaces.rest.answers import PREFIX
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.plan_documents import PlanDocument, plan_document
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.uploads import receive
from innkeeper.interfaces.rest.visits import Here, Visit
from innkeeper.kit.ids import new_id
from innkeeper.sources import csvwriting

PATH = f"{PREFIX}/imports"
LARGEST_FILE = 200 * 1024 * 1024
CSV = "text/csv; charset=utf-8"
CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}
}
TRUTHS = {"true": True, "false": False}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "CSV in UTF-8."},
                        "mode": {"type": "string", "enum": list(Mode), "default": Mode.BOTH.value},
                        "ignore_unknown_columns": {"type": "boolean", "default": False},
                        "require_password_change": {"type": "boolean", "default": False},
                    },
                }
            }
        },
    }
}
router = APIRouter(prefix="/imports", tags=["imports"], route_class=Route)


@router.post("", status_code=202, response_model=PlanDocument, responses=refusals(409), openapi_extra=FORM)
async def begin_import(visit: Here, request: Request, answer: Response) -> Any:
    """Send a file; the answer is the plan that is being made of it. Nothing is changed yet."""
    work = work_of(visit)
    await visit.read(_may_import)
    part = work.accept_upload(PlanId(f"upload-{new_id()}"))
    try:
        upload = await receive(request, part)
        plan = await visit.write(imports.begin, upload.filename or "", _options(upload.fields))
        part.rename(work.accept_upload(plan.id))
    finally:
        part.unlink(missing_ok=True)
    work.start_import_planning(plan.id)
    answer.headers["Location"] = f"{PREFIX}/plans/{plan.id}"
    return plan_document(plan)


@router.get("/template", response_class=Response, responses=CSV_ANSWER)
async def show_template(visit: Here) -> Response:
    """A CSV file with every column and one example row, to fill in."""
    await visit.read(_may_import)
    return Response(csvwriting.template(), media_type=CSV)


def work_of(visit: Visit) -> ImportWork:
    """What does the work in the background; raises NotNow on a server without it."""
    if visit.rest.imports is None:
        raise NotNow("this server takes no imports")
    return visit.rest.imports


def _may_import(call: Call) -> None:
    call.permit_for_site(Right.IMPORT_RUN)


def _options(fields: dict[str, str]) -> ImportOptions:
    problems = [
        Problem(name, value, expected)
        for name, value in fields.items()
        if (expected := _expected(name, value)) is not None
    ]
    if problems:
        raise Invalid(*problems)
    return ImportOptions(
        mode=Mode(fields.get("mode", Mode.BOTH)),
        ignore_unknown_columns=TRUTHS[fields.get("ignore_unknown_columns", "false")],
        require_password_change=TRUTHS[fields.get("require_password_change", "false")],
    )


def _expected(name: str, value: str) -> str | None:
    """What would be right for a field of the form; None when it is."""
    if name == "mode":
        expected = None if value in set(Mode) else "one of " + ", ".join(Mode)
    elif name in ("ignore_unknown_columns", "require_password_change"):
        expected = None if value in TRUTHS else "true or false"
    else:
        expected = "one of file, mode, ignore_unknown_columns, require_password_change"
    return expected
