"""Plans: look at what would happen, let it happen, see what failed."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import imports
from innkeeper.actions.call import Call
from innkeeper.domain.plans import Outcome, PlanState, Verdict
from innkeeper.domain.words import PlanId
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.imports import CSV, CSV_ANSWER, work_of
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.plan_documents import (
    ChangeDocument,
    PlanDocument,
    change_document,
    plan_document,
)
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here, Visit
from innkeeper.kit.paging import Page

router = APIRouter(prefix="/plans", tags=["plans"], route_class=Route)


class Confirmation(BaseModel):
    """Shows that a large plan was looked at."""

    model_config = ConfigDict(extra="forbid", strict=True)

    confirm_count: int | None = Field(None, ge=0, description="The count that the plan's brake names.")


@router.get("", response_model=PageDocument[PlanDocument], responses=refusals(400))
async def list_plans(
    visit: Here,
    state: Annotated[list[PlanState], Query()] = [],  # noqa: B006
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """List plans, newest first."""
    page = await visit.read(imports.page, states=tuple(state), limit=limit, cursor=cursor)
    return PageDocument(items=[plan_document(plan) for plan in page.items], next_cursor=page.next_cursor)


@router.get("/{plan_id}", response_model=PlanDocument, responses=refusals(404))
async def show_plan(visit: Here, plan_id: str) -> Any:
    """Show a plan, its progress, and the brake that applying it would trip."""
    return await visit.read(_show, PlanId(plan_id))


@router.get("/{plan_id}/changes", response_model=PageDocument[ChangeDocument], responses=refusals(400, 404))
async def list_changes(
    visit: Here,
    plan_id: str,
    verdict: Annotated[Verdict | None, Query()] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List what a plan does, row by row in the order of the file."""
    page = await visit.read(
        imports.changes, PlanId(plan_id), verdict=verdict, outcome=outcome, limit=limit, cursor=cursor
    )
    items = [change_document(change) for change in page.items]
    return PageDocument(items=items, next_cursor=page.next_cursor)


@router.post("/{plan_id}/apply", status_code=202, response_model=PlanDocument, responses=refusals(404, 409))
async def apply_plan(visit: Here, plan_id: str, confirmation: Confirmation | None = None) -> Any:
    """Let a plan happen, in the background; one that trips the brake only with `confirm_count`."""
    work = work_of(visit)
    count = confirmation.confirm_count if confirmation else None
    plan = await visit.write(imports.apply, PlanId(plan_id), confirm_count=count)
    work.start_import_apply(plan.id)
    return plan_document(plan)


@router.post("/{plan_id}/stop", response_model=PlanDocument, responses=refusals(404, 409))
async def stop_plan(visit: Here, plan_id: str) -> Any:
    """End a plan where it stands; what was done already stays."""
    return plan_document(await visit.write(imports.stop, PlanId(plan_id)))


@router.get("/{plan_id}/failed-rows", response_class=Response, responses=CSV_ANSWER | refusals(404))
async def show_failed_rows(visit: Here, plan_id: str) -> Response:
    """The rows that failed, as CSV in the columns of the file, each with its reason."""
    first = await visit.read(imports.failed_rows, PlanId(plan_id))
    return StreamingResponse(_pieces(visit, PlanId(plan_id), first), media_type=CSV)


async def _pieces(visit: Visit, plan_id: PlanId, page: Page[str]) -> AsyncIterator[str]:
    yield "".join(page.items)
    while page.next_cursor is not None:
        page = await visit.read(imports.failed_rows, plan_id, cursor=page.next_cursor)
        yield "".join(page.items)


def _show(call: Call, plan_id: PlanId) -> PlanDocument:
    plan = imports.show(call, plan_id)
    tripped = imports.brake(call, plan_id) if plan.state is PlanState.PLANNED else None
    return plan_document(plan, tripped)
