"""Second factors of users. Apps and mailboxes can be set up here; keys need a browser."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import enrolment, factor_removal, factors
from innkeeper.actions.enrolment import Begun
from innkeeper.domain.factors import Factor
from innkeeper.domain.words import FactorId, FactorKind, UserId
from innkeeper.interfaces.rest.answers import CREATED, created, nothing, plain
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.paging import Cursor, Limit, PageDocument
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Creating, Here

router = APIRouter(prefix="/factors", tags=["factors"], route_class=Route)
BEGIN = {FactorKind.TOTP: enrolment.begin_app, FactorKind.EMAIL: enrolment.begin_email}


class FactorDocument(BaseModel):
    """A second factor of a user, without anything that is secret about it."""

    id: str
    user_id: str
    kind: FactorKind
    name: str
    is_passkey: bool = Field(description="It may sign in without a password.")
    aaguid: str = Field(description="The model of a key, as its maker numbers it; empty if unknown.")
    confirmed_at: datetime | None = Field(description="It counts from then on; null: not yet.")
    last_used_at: datetime | None
    removal_at: datetime | None = Field(description="When it will be gone; null: it stays.")
    created_at: datetime


LEAVING: dict[int | str, dict[str, Any]] = {
    202: {"model": FactorDocument, "description": "It stays until `removal_at`."}
}


class BegunDocument(FactorDocument):
    """A second factor that has yet to be confirmed. What an app needs to know is shown this once."""

    secret: str | None = Field(description="For typing into an app, in base32; null for e-mail.")
    otpauth_uri: str | None = Field(description="For a QR code; null for e-mail.")


class ConfirmedDocument(BaseModel):
    """A second factor that counts now."""

    factor: FactorDocument
    recovery_codes: list[str] = Field(
        description="Ten codes if this is the first factor, shown this once; else none."
    )


class NewFactor(BaseModel):
    """A second factor to set up: an app, or codes by e-mail."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: str = Field(max_length=200, description="Yourself; nobody sets up another's.")
    kind: Literal["totp", "email"]
    name: str = Field(min_length=1, max_length=100, examples=["Phone"])


class FactorChanges(BaseModel):
    """What can be changed about a second factor."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=100, examples=["Work phone"])


class Code(BaseModel):
    """The code that the app shows now, or that was mailed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str = Field(min_length=1, max_length=40, examples=["492 039"])


@router.get("", response_model=PageDocument[FactorDocument], responses=refusals(400))
async def list_factors(
    visit: Here,
    user_id: Annotated[str | None, Query()] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Any:
    """List second factors that count, of a user or of all."""
    user = UserId(user_id) if user_id is not None else None
    page = await visit.read(factors.page, user_id=user, limit=limit, cursor=cursor)
    return PageDocument(items=[factor_document(item) for item in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, response_model=BegunDocument, responses=CREATED | refusals(404, 409))
async def begin_factor(visit: Creating, wanted: NewFactor) -> Response:
    """Set up an app or a mailbox; it counts once confirmed. Repeated, this gets 409 `already_done`."""
    begin = BEGIN[FactorKind(wanted.kind)]
    begun = await visit.once_with_secret(_id_of, begin, UserId(wanted.user_id), wanted.name)
    document = plain(factor_document(begun.factor))
    return created("factors", document | {"secret": begun.secret, "otpauth_uri": begun.otpauth_uri})


@router.get("/{factor_id}", response_model=FactorDocument, responses=refusals(404))
async def show_factor(visit: Here, factor_id: str) -> Any:
    """Show a second factor."""
    return factor_document(await visit.read(factors.show, FactorId(factor_id)))


@router.patch("/{factor_id}", response_model=FactorDocument, responses=refusals(404))
async def edit_factor(visit: Here, factor_id: str, changes: FactorChanges) -> Any:
    """Call one of your second factors something else."""
    return factor_document(await visit.write(factors.rename, FactorId(factor_id), changes.name))


@router.post("/{factor_id}/confirm", response_model=ConfirmedDocument, responses=refusals(404, 409))
async def confirm_factor(visit: Here, factor_id: str, shown: Code) -> Any:
    """Let a second factor count, by a code of it. The first brings recovery codes."""
    enrolled = await visit.write(enrolment.confirm, FactorId(factor_id), shown.code)
    return ConfirmedDocument(
        factor=factor_document(enrolled.factor), recovery_codes=list(enrolled.recovery_codes)
    )


@router.post("/{factor_id}/keep", response_model=FactorDocument, responses=refusals(404))
async def keep_factor(visit: Here, factor_id: str) -> Any:
    """Take back the removal of a second factor. Nothing if none waits."""
    return factor_document(await visit.write(factor_removal.keep, FactorId(factor_id)))


@router.delete(
    "/{factor_id}",
    status_code=204,
    responses=LEAVING | refusals(404, 409),
)
async def remove_factor(visit: Here, factor_id: str) -> Response:
    """Take one of your second factors away; the last one goes some hours later, and can be kept till then."""
    leaving = await visit.write(factor_removal.remove, FactorId(factor_id))
    if leaving is None:
        return nothing()
    return Response(factor_document(leaving).model_dump_json(), 202, media_type="application/json")


def factor_document(factor: Factor) -> FactorDocument:
    """A factor as the API shows it."""
    return FactorDocument(**{name: getattr(factor, name) for name in FactorDocument.model_fields})


def _id_of(begun: Begun) -> str:
    return begun.factor.id
