"""Secrets that must be read again are kept encrypted, under a key that lies outside the database."""

import contextlib
from pathlib import Path
from secrets import token_hex

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class VaultError(Exception):
    """The key is missing or not the one that a secret was sealed with."""


class Vault:
    """Seals and opens short texts (Fernet: AES-128-CBC with HMAC-SHA-256, https://github.com/fernet/spec).

    The first key seals; any of them opens, so that a key can be replaced while both are given.
    """

    def __init__(self, *keys: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise VaultError("a key is 32 random bytes in base64url") from error

    def seal(self, text: str) -> str:
        """The text, encrypted."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again; raises VaultError."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise VaultError("a secret was sealed with another key; give that one too") from error


def new_key() -> str:
    """A fresh key."""
    return Fernet.generate_key().decode()


def key_in(path: Path) -> str:
    """The key in a file that only its owner can read; made when it is not there."""
    if not path.exists():
        # Linked into place whole, so that another process never reads half a key.
        fresh = path.with_suffix(f".{token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(new_key())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text().strip()
