"""Files that leave the console: the template of an import, and its failed rows, sent piece by piece."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from innkeeper.actions import imports
from innkeeper.domain.words import PlanId
from innkeeper.interfaces.console.visits import Visit
from innkeeper.sources import csvwriting

CSV = "text/csv; charset=utf-8"


def template() -> Response:
    """A file with every column and one example row."""
    return Response(csvwriting.template(), media_type=CSV, headers=_saved_as("innkeeper-users.csv"))


async def failed_rows(visit: Visit, plan_id: PlanId) -> StreamingResponse:
    """The first page is read before the answer begins, so that a refusal is still a page."""
    plan = await visit.read(imports.show, plan_id)
    first = await visit.read(imports.failed_rows, plan_id, translate=visit.text)

    async def pieces() -> AsyncIterator[str]:
        page = first
        for piece in page.items:
            yield piece
        while page.next_cursor:
            page = await visit.read(
                imports.failed_rows, plan_id, cursor=page.next_cursor, translate=visit.text
            )
            for piece in page.items:
                yield piece

    return StreamingResponse(pieces(), media_type=CSV, headers=_saved_as(f"failed-{plan.name}"))


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
