"""Codes of an app (TOTP, RFC 6238): six digits, new every 30 seconds, each good once."""

import hmac
import re
from datetime import datetime

from pyotp import TOTP

from innkeeper.kit.ids import new_text

SECONDS = 30
# RFC 6238 §5.2 recommends one step for clocks that differ and people who type slowly.
AROUND = (0, -1, 1)
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# RFC 4226 §4 recommends 160 bits.
SECRET_LENGTH = 32
CODE = re.compile(r"[0-9]{6}")


def new_totp_secret() -> str:
    """A fresh secret in base32, as people may have to type it."""
    return new_text(BASE32, SECRET_LENGTH)


def accepted_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The time step whose code this is, if it is near enough and newer than the last; else None.

    All candidates are computed and compared in full, so that the time taken says nothing.
    """
    if not is_code_shaped(code):
        return None
    app, current = TOTP(secret, interval=SECONDS), int(now.timestamp()) // SECONDS
    digits, found = compact(code).encode(), None
    for step in (current + offset for offset in AROUND):
        is_right = hmac.compare_digest(app.generate_otp(step).encode(), digits)
        if is_right and (last_step is None or step > last_step):
            found = step
    return found


def is_code_shaped(code: str) -> bool:
    """Six digits, whatever gaps they were typed with."""
    return CODE.fullmatch(compact(code)) is not None


def compact(code: str) -> str:
    """A code without the gaps that apps show and people type."""
    return "".join(code[:40].split()).replace("-", "")


def otpauth_uri(secret: str, *, username: str, site_name: str) -> str:
    """What a QR code tells an app (https://github.com/google/google-authenticator/wiki/Key-Uri-Format)."""
    # The colon parts issuer and account in the label, even where it is escaped.
    return TOTP(secret, interval=SECONDS).provisioning_uri(
        name=username, issuer_name=site_name.replace(":", " ")
    )
