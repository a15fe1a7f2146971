"""Could they come in?"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from innkeeper.actions import admission
from innkeeper.actions.admission import Explanation
from innkeeper.domain.admission import ListOwner
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.words import Protocol, UserId
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/users", tags=["users"], route_class=Route)


class ListDocument(BaseModel):
    """A list of doors or addresses that had a say."""

    owner: ListOwner
    group_id: str | None = Field(description="Of a group that you may see.")
    group: str


class AdmissionDocument(BaseModel):
    """What the door would say to a user, and whose lists decided."""

    interface: Protocol
    address: str
    may_come_in: bool
    reason: WhyNot | Literal["no_way_in"] | None = Field(
        description="Why not, in the words of `login.failed`; `no_way_in`: nothing of theirs works here."
    )
    decided_by: list[ListDocument]
    locked_until: datetime | None = Field(
        description="Passwords are refused until then, other proofs are not."
    )


@router.get("/{user_id}/admission", response_model=AdmissionDocument, responses=refusals(404))
async def show_admission(
    visit: Here,
    user_id: str,
    interface: Annotated[Protocol, Query(description="The door.")],
    address: Annotated[
        str, Query(max_length=100, examples=["203.0.113.7"], description="Where they come from.")
    ],
) -> Any:
    """Say whether a user could come in at a door from an address now, and whose lists decide."""
    return admission_document(await visit.read(admission.explain, UserId(user_id), interface, address))


def admission_document(found: Explanation) -> AdmissionDocument:
    """An explanation as the API shows it."""
    return AdmissionDocument(
        interface=found.interface,
        address=found.address,
        may_come_in=found.may_come_in,
        reason=found.reason or (None if found.has_way else "no_way_in"),
        decided_by=[
            ListDocument(owner=ruler.owner, group_id=ruler.id, group=ruler.name) for ruler in found.by
        ],
        locked_until=found.locked_until,
    )
