"""One try to sign in: who it is for, what has been shown, and what is still owed."""

from dataclasses import dataclass, field

from innkeeper.domain.access import ALL, Ability
from innkeeper.domain.devices import Device
from innkeeper.domain.groups import Belonging
from innkeeper.domain.logins import FIRST_PROOFS, INTERFACE_PROOFS, PASSWORD_ONLY, Proof, WhyNot, still_owed
from innkeeper.domain.sessions import Session
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorKind, UserId


@dataclass(slots=True)
class Attempt:
    """One try to sign in. `keys`: fingerprint → id of the user's valid SSH keys; empty for unknown names.

    `kinds` are the second factors that the user has; `must_enrol` says that they need one and have none, and
    `may_enrol_later` that they may come in without one until their grace is over.
    `credentials` names what was shown, for the log: `password`, `public_key`, `totp`, `passkey` …
    `key_id` is the SSH or API key that was shown, `most` what a limited API key leaves of its user's rights.
    `email_code` is the digest of a code that was mailed for this attempt.
    `is_known`: from a browser or, where there are no cookies, an address that the user came from before.
    `language` is the user's, and `password_days_left` set when the password expires soon: to be told to
    whoever knew the password. `refused_because` is why `finish` said no; `refusable_at` the moment
    (monotonic) at which a refusal may be answered, so that it takes as long as a wrong password.
    """

    username: str
    interface: str
    address: str
    client: str
    user_id: UserId | None = None
    password_hash: str | None = field(default=None, repr=False)
    keys: dict[str, str] = field(default_factory=dict)
    ways: tuple[frozenset[Proof], ...] = PASSWORD_ONLY
    kinds: frozenset[FactorKind] = frozenset()
    must_enrol: bool = False
    may_enrol_later: bool = True
    must_change_password: bool = False
    password_days_left: int | None = None
    language: str = "en"
    device: Device | None = None
    trust_device: bool = False
    is_known: bool = False
    shown: frozenset[Proof] = frozenset()
    credentials: tuple[str, ...] = ()
    key_id: str | None = None
    most: Ability = ALL
    failure: WhyNot | None = None
    refused_because: WhyNot | None = None
    refusable_at: float = 0
    email_code: str | None = field(default=None, repr=False)

    @property
    def methods(self) -> frozenset[str]:
        """The proofs that the interface offers at first; the same for every name."""
        return frozenset(proof.value for proof in INTERFACE_PROOFS[self.interface] & FIRST_PROOFS)

    def owed(self) -> frozenset[Proof] | None:
        """The proofs still missing; empty when all is shown, None when what was shown leads nowhere."""
        return still_owed(self.ways, self.shown)

    @property
    def needs_key_first(self) -> bool:
        """True while a password counts only together with a key that has not been shown.

        The key comes first, or the answer to a password alone would tell a stranger that it is right.
        """
        rest = [way - self.shown for way in self.ways if Proof.PASSWORD in way]
        return bool(rest) and all(Proof.PUBLIC_KEY in owed for owed in rest)

    @property
    def owes_new_password(self) -> bool:
        """True when all is shown, a password among it that must be changed before anything else."""
        return self.must_change_password and Proof.PASSWORD in self.shown and self.owed() == frozenset()

    def leads_on(self, proof: Proof) -> bool:
        """True if some way in begins with what was shown and this: not every method takes every proof."""
        return any(self.shown | {proof} <= way for way in self.ways)

    def show(self, proof: Proof, credential: str) -> bool:
        """Keep a proof that holds, if it leads somewhere; twice is the same as once."""
        if proof in self.shown or not self.leads_on(proof):
            return proof in self.shown
        self.shown |= {proof}
        self.credentials = (*self.credentials, credential)
        return True

    def blame(self, reason: WhyNot) -> None:
        """Note why the last proof failed; an unknown name stays the reason of all that follows."""
        if self.user_id is not None:
            self.failure = reason


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the tokens are for the browser and never stored."""

    user: User
    session: Session
    token: str | None = field(repr=False)
    belongs: Belonging
    device_token: str | None = field(default=None, repr=False)
