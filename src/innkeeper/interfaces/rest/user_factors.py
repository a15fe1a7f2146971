"""What concerns all second factors of a user at once: recovery codes, and an administrator's reset."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from innkeeper.actions import enrolment, factor_removal, factors
from innkeeper.domain.words import UserId
from innkeeper.interfaces.rest.bodies import Route
from innkeeper.interfaces.rest.problems import refusals
from innkeeper.interfaces.rest.visits import Here

router = APIRouter(prefix="/users/{user_id}", tags=["factors"], route_class=Route)


class RecoveryCodesLeft(BaseModel):
    """How many recovery codes a user has not used yet."""

    left: int


class RecoveryCodes(BaseModel):
    """New recovery codes, shown this once; older ones work no more."""

    recovery_codes: list[str] = Field(examples=[["7K2M-9QXD-40VB-ZR8T"]])


class ResetFactors(BaseModel):
    """How many second factors a user had, and has no more."""

    removed: int


@router.get("/recovery-codes", response_model=RecoveryCodesLeft, responses=refusals(404))
async def count_recovery_codes(visit: Here, user_id: str) -> Any:
    """Show how many recovery codes a user has left."""
    return RecoveryCodesLeft(left=await visit.read(factors.recovery_codes_left, UserId(user_id)))


@router.post("/recovery-codes", response_model=RecoveryCodes, responses=refusals(404, 409))
async def make_recovery_codes(visit: Here, user_id: str) -> Any:
    """Make ten new recovery codes for yourself; older ones stop working."""
    codes = await visit.write(enrolment.make_recovery_codes, UserId(user_id))
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/reset-2fa", response_model=ResetFactors, responses=refusals(404, 409, 412))
async def reset_factors(visit: Here, user_id: str) -> Any:
    """Take all second factors of a user away, with their recovery codes; every session of theirs ends."""
    return ResetFactors(removed=await visit.write(factor_removal.reset, UserId(user_id)))
