"""Signing in on the demo site: through the real desk's actions, with the proofs taken as shown."""

from innkeeper.actions import logins
from innkeeper.actions.attempts import Attempt, SignedIn
from innkeeper.actions.call import Call
from innkeeper.domain.actors import STRANGER
from innkeeper.domain.logins import Proof, WhyNot


def sign_in(
    call: Call, username: str, interface: str, address: str, client: str
) -> tuple[Call, SignedIn | None]:
    """Sign in as the user's method demands; the log keeps a refusal like any other."""
    visitor, attempt = _knock(call, username, interface, address, client)
    for proof in sorted(_best_way(attempt)):
        attempt.show(proof, proof.value)
    if Proof.PUBLIC_KEY in attempt.shown:
        attempt.key_id = next(iter(attempt.keys.values()), None)
    return visitor, logins.finish(visitor, attempt)


def fail(call: Call, username: str, interface: str, address: str, client: str) -> None:
    """Try a wrong password."""
    visitor, attempt = _knock(call, username, interface, address, client)
    logins.fail(visitor, attempt, attempt.failure or WhyNot.WRONG_PASSWORD)


def _knock(call: Call, username: str, interface: str, address: str, client: str) -> tuple[Call, Attempt]:
    visitor = Call(call.unit, STRANGER, interface, address, client)
    return visitor, logins.begin(visitor, username)


def _best_way(attempt: Attempt) -> frozenset[Proof]:
    """With a key where one is registered and allowed, else with the password."""
    with_key = [way for way in attempt.ways if Proof.PUBLIC_KEY in way]
    return with_key[0] if with_key and attempt.keys else attempt.ways[0]
