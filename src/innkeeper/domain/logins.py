"""By which proofs does a user come in, and why not? Whether they may be in at all is `admission`'s."""

from collections.abc import Iterable
from enum import StrEnum

from innkeeper.domain.words import AuthenticationMethod


class Proof(StrEnum):
    """A way to show who one is."""

    PASSWORD = "password"
    PUBLIC_KEY = "public_key"
    API_KEY = "api_key"
    SECOND_FACTOR = "second_factor"
    PASSKEY = "passkey"


class WhyNot(StrEnum):
    """Why someone stays outside; told to the log and to administrators, never to the door."""

    UNKNOWN = "unknown_user"
    WRONG_PASSWORD = "wrong_password"
    WRONG_KEY = "wrong_key"
    WRONG_CODE = "wrong_second_factor"
    FACTOR_MISSING = "second_factor_missing"
    DELETED = "deleted"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    NEVER_SIGNED_IN = "did_not_sign_in_by_the_date"
    LOCKED = "locked"
    PROTOCOL = "protocol_not_allowed"
    ADDRESS = "address_not_allowed"
    PASSWORD_OVERDUE = "password_must_be_changed"
    CREDENTIAL_GONE = "credential_removed"
    SESSION_ENDED = "session_ended"


PASSWORD_ONLY: tuple[frozenset[Proof], ...] = (frozenset({Proof.PASSWORD}),)
KEY_ONLY: tuple[frozenset[Proof], ...] = (frozenset({Proof.PUBLIC_KEY}),)
BOTH: tuple[frozenset[Proof], ...] = (frozenset({Proof.PASSWORD, Proof.PUBLIC_KEY}),)
PASSWORD_AND_FACTOR: tuple[frozenset[Proof], ...] = (frozenset({Proof.PASSWORD, Proof.SECOND_FACTOR}),)
PASSKEY_ONLY: tuple[frozenset[Proof], ...] = (frozenset({Proof.PASSKEY}),)
API_KEY_ONLY: tuple[frozenset[Proof], ...] = (frozenset({Proof.API_KEY}),)

# An SSH key was put there by someone with the right to do so, hence it opens SFTP beside a password,
# except where the method asks for both or the directory must be asked at each sign-in. An API key stands in
# for the password at doors whose clients have nothing but a password field, except where one proof is not
# enough.
WAYS: dict[AuthenticationMethod, tuple[frozenset[Proof], ...]] = {
    AuthenticationMethod.PASSWORD: PASSWORD_ONLY + KEY_ONLY + PASSKEY_ONLY + API_KEY_ONLY,
    AuthenticationMethod.EMAIL_SIGNUP: PASSWORD_ONLY + KEY_ONLY + PASSKEY_ONLY + API_KEY_ONLY,
    AuthenticationMethod.PASSWORD_WITH_IMPORTED_HASH: PASSWORD_ONLY + KEY_ONLY + PASSKEY_ONLY + API_KEY_ONLY,
    AuthenticationMethod.PASSWORD_AND_SSH_KEY: BOTH + PASSKEY_ONLY,
    AuthenticationMethod.NONE: KEY_ONLY + API_KEY_ONLY,
    AuthenticationMethod.SSO: KEY_ONLY + API_KEY_ONLY,
    AuthenticationMethod.LDAP: KEY_ONLY + API_KEY_ONLY,
}
INTERFACE_PROOFS = {
    "sftp": frozenset({Proof.PASSWORD, Proof.PUBLIC_KEY, Proof.SECOND_FACTOR, Proof.API_KEY}),
    "ftps": frozenset({Proof.PASSWORD, Proof.SECOND_FACTOR, Proof.API_KEY}),
    "webdav": frozenset({Proof.PASSWORD, Proof.SECOND_FACTOR, Proof.API_KEY}),
    "web": frozenset({Proof.PASSWORD, Proof.SECOND_FACTOR, Proof.PASSKEY}),
    "api": frozenset({Proof.API_KEY}),
}
# What can be shown at first; a second factor comes after something else.
FIRST_PROOFS = frozenset({Proof.PASSWORD, Proof.PUBLIC_KEY, Proof.API_KEY, Proof.PASSKEY})


def ways_in(method: AuthenticationMethod, interface: str) -> tuple[frozenset[Proof], ...]:
    """The sets of proofs, any one of which is enough at this interface.

    Where no SSH key can be shown, `password_and_ssh_key` takes a second factor in its place.
    """
    offered = INTERFACE_PROOFS[interface]
    ways = tuple(way for way in WAYS[method] if way <= offered)
    if method is AuthenticationMethod.PASSWORD_AND_SSH_KEY and Proof.PUBLIC_KEY not in offered:
        return PASSWORD_AND_FACTOR + ways
    return ways


def with_second_factor(ways: Iterable[frozenset[Proof]], *, after_keys: bool) -> tuple[frozenset[Proof], ...]:
    """The same ways with a second factor behind each password, and behind each SSH key if so wanted."""
    first = {Proof.PASSWORD, Proof.PUBLIC_KEY} if after_keys else {Proof.PASSWORD}
    return tuple(way | {Proof.SECOND_FACTOR} if way & first else way for way in ways)


def without_second_factor(ways: Iterable[frozenset[Proof]]) -> tuple[frozenset[Proof], ...]:
    """The same ways for a user who has none to show yet, or a browser that is trusted."""
    return tuple(way - {Proof.SECOND_FACTOR} for way in ways)


def still_owed(ways: Iterable[frozenset[Proof]], shown: frozenset[Proof]) -> frozenset[Proof] | None:
    """What is missing on the nearest way; empty when in, None when what was shown leads nowhere."""
    rest = [way - shown for way in ways if shown <= way]
    return min(rest, key=len, default=None)
