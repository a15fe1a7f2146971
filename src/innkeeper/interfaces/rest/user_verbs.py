"""What can be done to a user beyond changing fields: suspend, unlock, restore, look at access."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import access, portraits, sessions, users
from innkeeper.actions.call import Call
from innkeeper.domain.access import Ability
from innkeeper.domain.paths import normalize
from innkeeper.domain.words import UserId
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.grants import GrantDocument, grant_document
from innkeeper.interfaces.rest.paging import tag
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.sessions import At
from innkeeper.interfaces.rest.user_documents import UserDocument, user_document
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/users/{user_id}", tags=["users"], route_class=Route)


class Suspension(BaseModel):
    """Why somebody is suspended."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field("", max_length=500, examples=["left the company"])


class EndedSessions(BaseModel):
    """How many sessions were open, and are no more."""

    ended: int


class AccessDocument(BaseModel):
    """What a user may do in one folder, and all the grants from which their access follows."""

    path: str
    abilities: list[str] = Field(description="What may be done in this folder.", examples=[["list", "read"]])
    may_enter: bool = Field(description="Something is allowed here or further down.")
    grants: list[GrantDocument] = Field(description="Every grant that reaches the user, by group too.")
    groups: list[str] = Field(description="The groups that count for the user now, nested ones included.")


@router.post("/suspend", response_model=UserDocument, responses=refusals(404, 409))
async def suspend_user(visit: Here, user_id: str, answer: Response, why: Suspension | None = None) -> Any:
    """Disable a user and end every session and connection. Nothing if already so."""
    reason = why.reason if why else ""
    portrait = await visit.write(portraits.after, users.suspend, UserId(user_id), reason=reason)
    return tag(answer, user_document(portrait, visit.now))


@router.post("/reactivate", response_model=UserDocument, responses=refusals(404, 409))
async def reactivate_user(visit: Here, user_id: str, answer: Response) -> Any:
    """Enable a suspended user. Nothing if not suspended."""
    portrait = await visit.write(portraits.after, users.reactivate, UserId(user_id))
    return tag(answer, user_document(portrait, visit.now))


@router.post("/unlock", response_model=UserDocument, responses=refusals(404, 409))
async def unlock_user(visit: Here, user_id: str, answer: Response) -> Any:
    """Forget the wrong passwords that locked a user out. Nothing if not locked."""
    portrait = await visit.write(portraits.after, users.unlock, UserId(user_id))
    return tag(answer, user_document(portrait, visit.now))


@router.post("/restore", response_model=UserDocument, responses=refusals(404, 409))
async def restore_user(visit: Here, user_id: str, answer: Response) -> Any:
    """Bring a user back from the recycle bin. Nothing if not there."""
    portrait = await visit.write(portraits.after, users.restore, UserId(user_id))
    return tag(answer, user_document(portrait, visit.now))


@router.delete("/sessions", response_model=EndedSessions, responses=refusals(404))
async def end_sessions(
    visit: Here,
    user_id: str,
    interface: At = None,
    keep_own: Annotated[bool, Query(description="True spares the session of this very request.")] = False,
) -> Any:
    """End every open session of a user, and the connections that belong to them."""
    end = sessions.end_others if keep_own else sessions.end_all
    return EndedSessions(ended=await visit.write(end, UserId(user_id), interface=interface, reason="revoked"))


@router.get("/access", response_model=AccessDocument, responses=refusals(404))
async def show_access(
    visit: Here,
    user_id: str,
    path: Annotated[str, Query(max_length=4000, description="The folder to look at.")] = "/",
) -> Any:
    """Show what a user may do in a folder, and why."""
    return await visit.read(_access, UserId(user_id), path)


def _access(call: Call, user_id: UserId, path: str) -> AccessDocument:
    known, held, belongs = access.show(call, user_id)
    folder = normalize(path)
    allowed = known.abilities(folder)
    return AccessDocument(
        path=folder,
        abilities=[ability.name.lower() for ability in Ability if ability in allowed and ability.name],
        may_enter=known.may_enter(folder),
        grants=[grant_document(grant) for grant in held],
        groups=sorted(group.name for group in belongs.groups),
    )
