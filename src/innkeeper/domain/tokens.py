"""What is handed out once, works for a while, and is then worthless: links by mail, steps of a sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from innkeeper.domain.words import UserId


class Purpose(StrEnum):
    """What a token is for; one made for one purpose is nothing for another."""

    LOGIN = "login"
    RESET = "reset"
    SIGNUP = "signup"
    WEBAUTHN = "webauthn"
    EMAIL_CODE = "email_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeToken:
    """A secret that works once; only its digest is stored. `document`: what has to be known when it comes."""

    token_digest: str = field(repr=False)
    purpose: Purpose
    user_id: UserId | None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tries: int = 0
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Not used yet, and not too old."""
        return self.used_at is None and now < self.expires_at
