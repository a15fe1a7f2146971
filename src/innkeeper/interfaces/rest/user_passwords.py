"""Passwords that somebody else sets for a user, and the links by which users choose their own."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions import password_links, passwords
from innkeeper.domain.words import UserId
from innkeeper.interfaces.rest.answers import nothing
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/users/{user_id}", tags=["users"], route_class=Route)
MUST_CHANGE = "The user must choose another at the next sign-in."


class NewPassword(BaseModel):
    """A password that somebody else sets for a user."""

    model_config = ConfigDict(extra="forbid", strict=True)

    password: str = Field(min_length=1, max_length=1024, examples=["correct horse battery"])
    must_change: bool = Field(True, description=MUST_CHANGE)


class Generation(BaseModel):
    """What holds for a password that the server makes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    must_change: bool = Field(True, description=MUST_CHANGE)


class GeneratedPassword(BaseModel):
    """A password that the server has made and set; it is shown this once."""

    password: str


@router.post("/reset-password", status_code=204, responses=refusals(404, 409, 503))
async def reset_password(visit: Here, user_id: str, wanted: NewPassword) -> Response:
    """Set a user's password for them; every session and connection of theirs ends."""
    await _reset(visit, UserId(user_id), wanted.password, must_change=wanted.must_change)
    return nothing()


@router.post("/generate-password", response_model=GeneratedPassword, responses=refusals(404, 409, 503))
async def generate_password(visit: Here, user_id: str, wanted: Generation | None = None) -> Any:
    """Set a password made by chance, and answer it; every session and connection of theirs ends."""
    text = await visit.read(passwords.suggest, UserId(user_id))
    await _reset(visit, UserId(user_id), text, must_change=wanted is None or wanted.must_change)
    return GeneratedPassword(password=text)


@router.post("/send-password-link", status_code=204, responses=refusals(404, 409))
async def send_password_link(visit: Here, user_id: str) -> Response:
    """Mail a user a link with which they choose a new password; the old one works until then."""
    await visit.write(password_links.send, UserId(user_id))
    return nothing()


@router.post("/invite", status_code=204, responses=refusals(404, 409))
async def invite_user(visit: Here, user_id: str) -> Response:
    """Mail a user the link to their first password once more; the link before stops working."""
    await visit.write(password_links.invite, UserId(user_id))
    return nothing()


async def _reset(visit: Here, user_id: UserId, text: str, *, must_change: bool) -> None:
    password = await visit.rest.calls.new_password(visit.caller, user_id, text)
    await visit.write(passwords.reset, user_id, password, must_change=must_change)
