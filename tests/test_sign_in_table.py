"""The table of docs/sign-in.md: every method, with and without a second factor, at every interface.

It is made by signing in: for each case the desk is asked what is owed. `APPROVE=1` writes it anew.
"""

import os
from pathlib import Path

import pytest

from innkeeper.actions import logins, settings, users
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call, user_target
from innkeeper.actions.calls import Calls
from innkeeper.domain.events import Kind
from innkeeper.domain.factors import Factor
from innkeeper.domain.logins import INTERFACE_PROOFS, Proof
from innkeeper.domain.rights import Permit, Right
from innkeeper.domain.users import User
from innkeeper.domain.words import AuthenticationMethod, FactorId, FactorKind
from innkeeper.kit.ids import new_id
from innkeeper.store import factors
from tests.conftest import SYSTEM

PAGE = Path(__file__).parents[1] / "docs/sign-in.md"
HEAD = "| Method | Second factor | Interface | What lets in |\n|---|---|---|---|\n"
NAMES = {
    Proof.PASSWORD: "password",
    Proof.PUBLIC_KEY: "SSH key",
    Proof.API_KEY: "API key",
    Proof.SECOND_FACTOR: "second factor",
    Proof.PASSKEY: "passkey",
}
ORDER = list(NAMES)
STATES = ("none", "none, mandated", *(kind.value for kind in FactorKind))


def enrol(call: Call, user: User, kind: FactorKind) -> None:
    factor = Factor(
        id=FactorId(new_id()),
        user_id=user.id,
        kind=kind,
        name=kind.value,
        confirmed_at=call.now,
        created_at=call.now,
    )
    factors.insert_factor(call.unit, Permit(Right.CREDENTIAL_EDIT, call.actor), factor)
    call.record(Kind.FACTOR_ADDED, user_target(user), user_id=user.id)


def row(calls: Calls, method: AuthenticationMethod, state: str, interface: str) -> str:
    attempt = calls.read_now(Caller(interface, "192.0.2.7"), logins.begin, f"{method}-{STATES.index(state)}")
    ways = [" + ".join(NAMES[proof] for proof in ORDER if proof in way) for way in attempt.ways]
    text = " or ".join(dict.fromkeys(ways)) or "nothing"
    if attempt.must_enrol and any(Proof.PASSWORD in way for way in attempt.ways):
        text += "; then one must be set up" + ("" if attempt.may_enrol_later else " at once")
    return f"| `{method.value}` | {state} | `{interface}` | {text} |\n"


@pytest.fixture
def crowd(calls: Calls) -> Calls:
    """One user for each method and each state of the second factor."""
    calls.write_now(SYSTEM, settings.edit, {"password_minimum_strength": 0, "password_refuse_common": False})
    for method in AuthenticationMethod:
        for number, state in enumerate(STATES):
            name = f"{method}-{number}"
            values = {
                "username": name,
                "email": f"{name}@example.com",
                "authentication_method": method.value,
            }
            user = calls.write_now(
                SYSTEM, users.create, {**values, "require_2fa": state == "none, mandated" or None}
            )
            if state in set(FactorKind):
                calls.write_now(SYSTEM, enrol, user, FactorKind(state))
    return calls


def test_the_table_of_ways_in_is_the_documented_one(crowd: Calls) -> None:
    table = HEAD + "".join(
        row(crowd, method, state, interface)
        for method in AuthenticationMethod
        for state in STATES
        for interface in INTERFACE_PROOFS
        if interface != "api"
    )
    before, mark, after = PAGE.read_text().partition(HEAD)
    _, end, rest = after.partition("\n\n")
    if os.environ.get("APPROVE"):
        PAGE.write_text(before + table + end[1:] + rest)

    assert mark
    assert table in PAGE.read_text()
