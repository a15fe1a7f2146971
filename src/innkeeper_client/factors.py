"""Second factors of users. Apps and mailboxes can be set up here; keys need a browser."""

from dataclasses import dataclass, field
from datetime import datetime

from innkeeper_client.reading import Page, read
from innkeeper_client.steps import Request, Steps, ask, ask_page, at, change, create, exchange
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import NewFactorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A second factor of a user. It counts from `confirmed_at` until `removal_at`."""

    id: str
    user_id: str
    kind: str
    name: str
    is_passkey: bool
    aaguid: str
    confirmed_at: datetime | None
    last_used_at: datetime | None
    removal_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunFactor(Factor):
    """A second factor that has yet to be confirmed. What an app needs to know is shown this once."""

    secret: str | None = field(repr=False)
    otpauth_uri: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConfirmedFactor:
    """A second factor that counts now. The first one brings recovery codes, shown this once."""

    factor: Factor
    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """New recovery codes, shown this once."""

    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecoveryCodesLeft:
    """How many recovery codes a user has not used yet."""

    left: int


class Factors(Noun[Way]):
    """What users show behind their password."""

    @Verb
    def list(
        self, *, user_id: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Steps[Page[Factor]]:
        """Answer a page of factors that count, of a user or of all."""
        return ask_page(Factor, "/factors", {"user_id": user_id, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def begin(self, user_id: str, kind: NewFactorKind, name: str) -> Steps[BegunFactor]:
        """Set up an app or a mailbox of your own; it counts once `confirm` has seen a code of it."""
        return create(BegunFactor, "/factors", {"user_id": user_id, "kind": kind, "name": name})

    @Verb
    def confirm(self, factor_id: str, code: str) -> Steps[ConfirmedFactor]:
        """Let a factor count, by the code that the app shows or that was mailed."""
        return ask(ConfirmedFactor, "POST", at("factors", factor_id, "confirm"), body={"code": code})

    @Verb
    def get(self, factor_id: str) -> Steps[Factor]:
        """Answer a factor by id."""
        return ask(Factor, "GET", at("factors", factor_id))

    @Verb
    def rename(self, factor_id: str, name: str) -> Steps[Factor]:
        """Call one of your factors something else."""
        return change(Factor, at("factors", factor_id), {"name": name})

    @Verb
    def remove(self, factor_id: str) -> Steps[Factor | None]:
        """Take one of your factors away. Answers it while it stays: the last one goes at its `removal_at`."""
        response = yield from exchange(Request("DELETE", at("factors", factor_id), is_repeatable=True))
        return read(Factor, response.json()) if response.content else None

    @Verb
    def keep(self, factor_id: str) -> Steps[Factor]:
        """Take back the removal of a factor. Nothing if none waits."""
        return ask(Factor, "POST", at("factors", factor_id, "keep"), is_repeatable=True)

    @Verb
    def recovery_codes_left(self, user_id: str) -> Steps[int]:
        """Answer how many recovery codes a user has not used yet."""
        answer = yield from ask(RecoveryCodesLeft, "GET", at("users", user_id, "recovery-codes"))
        return answer.left

    @Verb
    def make_recovery_codes(self, user_id: str) -> Steps[tuple[str, ...]]:
        """Make ten new recovery codes for yourself; older ones stop working."""
        answer = yield from ask(RecoveryCodes, "POST", at("users", user_id, "recovery-codes"))
        return answer.recovery_codes
