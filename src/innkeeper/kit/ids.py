"""Identifiers and secrets."""

import hashlib
import secrets

import uuid_utils


def new_id() -> str:
    """A UUIDv7 (RFC 9562) as 36 characters: sorts by time, so new rows land at the end of an index."""
    return str(uuid_utils.uuid7())


def new_secret() -> str:
    """256 random bits, URL-safe; for tokens that are shown once and stored as a digest."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a random secret. A plain SHA-256 is enough: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_text(alphabet: str, length: int) -> str:
    """Random letters of an alphabet; for codes that people type."""
    return "".join(secrets.choice(alphabet) for _ in range(length))
