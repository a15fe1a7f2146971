"""Password hashes of other products: told apart by form, bounded in cost, verified until the first sign-in.

A hash comes without saying what it is; each form below is one that others write. What costs more than its
bound is not taken: whoever knows the name of such a user could keep the server busy by guessing.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LONGEST = 512
# Beyond so many bytes bcrypt never looked; newer libraries refuse what older ones passed over.
BCRYPT_BYTES = 72
MOST_MEMORY, MOST_PASSES, MOST_LANES = 262_144, 4, 16
DIGESTS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
B64 = r"[A-Za-z0-9./]"


class UnknownHash(ValueError):
    """The text has none of the forms that are known."""


class TooCostly(ValueError):
    """To verify this hash would take too long; `most` says what is taken."""

    def __init__(self, scheme: str, most: str) -> None:
        self.scheme = scheme
        self.most = most
        super().__init__(f"{scheme}: expected at most {most}")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of hashing. `form` names the groups `cost`, `digest` and `salt` where it has them."""

    name: str
    form: re.Pattern[str]
    verify: Callable[["Scheme", str, bytes], bool]
    most: int | None = None
    word: str = ""

    def hold(self, found: re.Match[str]) -> None:
        """Raise TooCostly for a hash beyond the bound."""
        if self.most is not None and int(found["cost"] or 0) > self.most:
            raise TooCostly(self.name, f"{self.word}={self.most}")


def understand(text: str) -> str:
    """The hash in the one form that is stored; raises UnknownHash or TooCostly."""
    text = _without_wrapping(text.strip())
    if len(text) > LONGEST or not text.isprintable():
        raise UnknownHash
    if text.startswith("$argon2"):
        return _argon2(text)
    scheme, found = _scheme_of(text)
    scheme.hold(found)
    if scheme.verify is _by_crypt:
        _read_by_library(scheme.name, text)
    elif scheme.verify is _by_ldap_digest:
        _parts_of_ldap_digest(scheme.name, found["digest"])
    return text


def verify(stored: str, secret: bytes) -> bool:
    """True when these are the bytes that an understood hash was made of."""
    scheme, _ = _scheme_of(stored)
    try:
        return scheme.verify(scheme, stored, secret)
    except ValueError:
        # A NUL, which C libraries end at, or bytes that are no text.
        return False


def _without_wrapping(text: str) -> str:
    """Django and LDAP put a word in front of forms that speak for themselves; LDAP's may have any case."""
    text = LABEL.sub(lambda label: label[0].upper(), text).removeprefix("{CRYPT}")
    return text.removeprefix("argon2") if text.startswith("argon2$argon2") else text


def _scheme_of(text: str) -> tuple[Scheme, re.Match[str]]:
    for scheme in SCHEMES:
        found = scheme.form.fullmatch(text)
        if found:
            return scheme, found
    raise UnknownHash


def _argon2(text: str) -> str:
    """Argon2 tells its memory, passes and lanes; the library of our own hashes verifies it."""
    found = ARGON2.fullmatch(text)
    if found is None:
        raise UnknownHash
    memory, passes, lanes = int(found["memory"]), int(found["passes"]), int(found["lanes"])
    if memory > MOST_MEMORY or passes > MOST_PASSES or lanes > MOST_LANES:
        raise TooCostly("argon2", f"m={MOST_MEMORY},t={MOST_PASSES},p={MOST_LANES}")
    return text


def _handler(name: str) -> Any:
    # The library looks its handlers up by name, and importing it takes a while that most sites never need.
    from passlib import hash as handlers

    return getattr(handlers, name)


def _read_by_library(name: str, text: str) -> None:
    try:
        _handler(name).from_string(text)
    except ValueError as error:
        raise UnknownHash from error


def _by_crypt(scheme: Scheme, stored: str, secret: bytes) -> bool:
    return bool(_handler(scheme.name).verify(secret, stored))


def _by_bcrypt(scheme: Scheme, stored: str, secret: bytes) -> bool:
    return _by_crypt(scheme, stored, secret[:BCRYPT_BYTES])


def _by_ldap_digest(scheme: Scheme, stored: str, secret: bytes) -> bool:
    digest, salt = _parts_of_ldap_digest(scheme.name, stored.partition("}")[2])
    return hmac.compare_digest(_digest(scheme.name, secret + salt), digest)


def _parts_of_ldap_digest(name: str, text: str) -> tuple[bytes, bytes]:
    try:
        both = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise UnknownHash from error
    size = hashlib.new(name, usedforsecurity=False).digest_size
    if len(both) < size:
        raise UnknownHash
    return both[:size], both[size:]


def _by_hexadecimal(scheme: Scheme, stored: str, secret: bytes) -> bool:
    """Some put the salt before the password and some behind; the form does not tell which."""
    found = scheme.form.fullmatch(stored)
    assert found is not None
    parts = found.groupdict()
    digest, salt = parts["digest"].lower(), (parts.get("salt") or "").encode()
    name = DIGESTS[len(digest)]
    before, behind = _digest(name, salt + secret).hex(), _digest(name, secret + salt).hex()
    return hmac.compare_digest(before, digest) | hmac.compare_digest(behind, digest)


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.new(name, content, usedforsecurity=False).digest()


def _ldap(label: str, name: str) -> Scheme:
    return Scheme(name, re.compile(rf"\{{{label}\}}(?P<digest>[A-Za-z0-9+/]+=*)"), _by_ldap_digest)


def _pbkdf2(name: str, form: str) -> Scheme:
    return Scheme(name, re.compile(form), _by_crypt, 3_000_000, "iterations")


def _crypt(name: str, mark: str, size: int) -> Scheme:
    form = rf"\${mark}\$(rounds=(?P<cost>\d{{1,9}})\$)?[^$:\n]{{0,16}}\${B64}{{{size}}}"
    return Scheme(name, re.compile(form), _by_crypt, 1_000_000, "rounds")


LABEL = re.compile(r"^\{\w+\}")
ARGON2 = re.compile(
    r"\$argon2(id|i|d)(\$v=(16|19))?\$m=(?P<memory>\d{1,9}),t=(?P<passes>\d{1,9}),p=(?P<lanes>\d{1,9})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,171}"
)
HEXADECIMAL = r"(?P<digest>[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})"
SCHEMES = (
    Scheme("bcrypt", re.compile(rf"\$2[aby]\$(?P<cost>\d\d)\${B64}{{53}}"), _by_bcrypt, 14, "cost"),
    _pbkdf2("pbkdf2_sha1", rf"\$pbkdf2\$(?P<cost>\d{{1,9}})\${B64}*\${B64}+"),
    _pbkdf2("pbkdf2_sha256", rf"\$pbkdf2-sha256\$(?P<cost>\d{{1,9}})\${B64}*\${B64}+"),
    _pbkdf2("pbkdf2_sha512", rf"\$pbkdf2-sha512\$(?P<cost>\d{{1,9}})\${B64}*\${B64}+"),
    _pbkdf2("django_pbkdf2_sha1", r"pbkdf2_sha1\$(?P<cost>\d{1,9})\$[^$]+\$[A-Za-z0-9+/]+=*"),
    _pbkdf2("django_pbkdf2_sha256", r"pbkdf2_sha256\$(?P<cost>\d{1,9})\$[^$]+\$[A-Za-z0-9+/]+=*"),
    _crypt("sha256_crypt", "5", 43),
    _crypt("sha512_crypt", "6", 86),
    Scheme("md5_crypt", re.compile(rf"\$1\$[^$:\n]{{0,8}}\${B64}{{22}}"), _by_crypt),
    _ldap("SSHA", "sha1"),
    _ldap("SSHA256", "sha256"),
    _ldap("SSHA512", "sha512"),
    Scheme("hexadecimal", re.compile(HEXADECIMAL), _by_hexadecimal),
    Scheme("hexadecimal", re.compile(HEXADECIMAL + r":(?P<salt>.+)"), _by_hexadecimal),
    Scheme(
        "django", re.compile(r"(md5|sha1|sha256|sha512)\$(?P<salt>[^$]*)\$" + HEXADECIMAL), _by_hexadecimal
    ),
)
