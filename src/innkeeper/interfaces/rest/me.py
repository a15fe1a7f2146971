"""Who am I?"""

from typing import Any

from fastapi import APIRouter, Response

from innkeeper.actions import portraits
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import tag
from innkeeper.interfaces.rest.user_documents import UserDocument, user_document
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/me", tags=["users"], route_class=Route)


@router.get("", response_model=UserDocument)
async def show_me(visit: Here, answer: Response) -> Any:
    """Show the user to whom the API key belongs."""
    return tag(answer, user_document(await visit.read(portraits.own), visit.now))
