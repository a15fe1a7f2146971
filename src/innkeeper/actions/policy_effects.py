"""Whom a change of the sign-in policy would affect, told before it is made. Nothing is changed here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from innkeeper.actions.call import Call
from innkeeper.domain.admission import address_in
from innkeeper.domain.lifetimes import lifetime_of_api_keys, lifetime_of_ssh_keys
from innkeeper.domain.other_fields import check_settings
from innkeeper.domain.rights import Right, Scope
from innkeeper.domain.settings import SiteSettings, with_changes
from innkeeper.store import policy_counts

# Who came in so lately counts as someone who uses a door, or an address.
LATELY = timedelta(days=30)


class EffectKind(StrEnum):
    """What happens to those who are counted."""

    MANDATED = "must_set_up_a_second_factor"
    RELEASED = "no_longer_need_a_second_factor"
    KINDS_KEPT = "keep_a_kind_that_nobody_can_set_up"
    PASSKEYS_NEED_PASSWORD = "need_a_password_beside_their_passkey"
    ASKED_AFTER_KEY = "are_asked_for_a_code_after_their_key"
    PASSWORDS_DUE = "passwords_become_due"
    SESSIONS_END = "sessions_end"
    DESKTOPS_END = "desktop_connections_end"
    SSH_KEYS_END = "ssh_keys_end"
    API_KEYS_END = "api_keys_end"
    DOOR_USERS = "lose_a_door"
    DOOR_LINKS = "connections_at_a_door_end"
    STRANGE_ADDRESSES = "came_from_elsewhere"


@dataclass(frozen=True, slots=True)
class Effect:
    """So many people, sessions or keys are affected so. `name`: the door, where it is about one."""

    kind: EffectKind
    number: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people sign in with a password, and how many of them have no second factor."""

    people: int
    without_factor: int


@dataclass(frozen=True, slots=True)
class _Change:
    """The settings before and after, and among whom to count."""

    call: Call
    scope: Scope
    before: SiteSettings
    after: SiteSettings

    def of(self, name: str) -> tuple[Any, Any]:
        return getattr(self.before, name), getattr(self.after, name)


def standing(call: Call) -> Standing:
    """How things stand with second factors."""
    scope = _scope(call)
    return Standing(policy_counts.people(call.unit, scope), policy_counts.without_factor(call.unit, scope))


def effects(call: Call, values: Mapping[str, Any]) -> list[Effect]:
    """What these values for settings would do to people, if they were saved now. Raises Invalid."""
    scope, before = _scope(call), call.site
    change = _Change(call, scope, before, with_changes(before, check_settings(values), call.now))
    return [effect for look in LOOKS for effect in look(change) if effect.number]


def _scope(call: Call) -> Scope:
    call.scope(Right.SETTINGS_READ)
    return call.scope(Right.USER_READ)


def _mandate(change: _Change) -> Iterator[Effect]:
    unit, scope, before, after = change.call.unit, change.scope, change.before, change.after
    yield Effect(EffectKind.MANDATED, policy_counts.newly_mandated(unit, scope, before, after))
    # A mandate that was switched off runs on for a while; what counts here is how it ends.
    end = replace(after, require_2fa_ends_at=None)
    yield Effect(EffectKind.RELEASED, policy_counts.released(unit, scope, before, end))


def _factors(change: _Change) -> Iterator[Effect]:
    unit, scope, before, after = change.call.unit, change.scope, change.before, change.after
    gone = set(before.two_factor_kinds) - set(after.two_factor_kinds)
    if gone:
        yield Effect(EffectKind.KINDS_KEPT, policy_counts.holders_of(unit, scope, gone))
    if before.passkey_sign_in and not after.passkey_sign_in:
        yield Effect(EffectKind.PASSKEYS_NEED_PASSWORD, policy_counts.holders_of_passkeys(unit, scope))
    if after.require_2fa_with_ssh_keys and not before.require_2fa_with_ssh_keys:
        yield Effect(EffectKind.ASKED_AFTER_KEY, policy_counts.holders_of_keys_and_factors(unit, scope))


def _passwords(change: _Change) -> Iterator[Effect]:
    before, after = change.of("password_validity_days")
    due = policy_counts.newly_due_passwords(change.call.unit, change.scope, before, after)
    yield Effect(EffectKind.PASSWORDS_DUE, due)


def _rests(change: _Change) -> Iterator[Effect]:
    rested = {
        "web": (EffectKind.SESSIONS_END, *change.of("session_idle")),
        "desktop": (EffectKind.DESKTOPS_END, *change.of("desktop_rest")),
    }
    for interface, (kind, before, after) in rested.items():
        number = policy_counts.rested_sessions(change.call.unit, change.scope, interface, before, after)
        yield Effect(kind, number)


def _keys(change: _Change) -> Iterator[Effect]:
    unit, scope, before, after = change.call.unit, change.scope, change.before, change.after
    ssh = lifetime_of_ssh_keys(before), lifetime_of_ssh_keys(after)
    yield Effect(EffectKind.SSH_KEYS_END, policy_counts.removed_ssh_keys(unit, scope, *ssh))
    api = lifetime_of_api_keys(before), lifetime_of_api_keys(after)
    yield Effect(EffectKind.API_KEYS_END, policy_counts.removed_api_keys(unit, scope, *api))


def _doors(change: _Change) -> Iterator[Effect]:
    unit, scope, since = change.call.unit, change.scope, change.call.now - LATELY
    before, after = change.of("protocols")
    for door in before:
        if door not in after:
            yield Effect(EffectKind.DOOR_USERS, policy_counts.users_of_door(unit, scope, door, since), door)
            yield Effect(EffectKind.DOOR_LINKS, policy_counts.open_links(unit, scope, door), door)


def _addresses(change: _Change) -> Iterator[Effect]:
    before, after = change.of("allowed_ips")
    if not after or before == after:
        return
    seen = policy_counts.addresses(change.call.unit, change.scope, change.call.now - LATELY)
    outside = {address for address in {address for _, address in seen} if not address_in(address, after)}
    yield Effect(
        EffectKind.STRANGE_ADDRESSES, len({user_id for user_id, address in seen if address in outside})
    )


LOOKS: tuple[Callable[[_Change], Iterator[Effect]], ...] = (
    _mandate,
    _factors,
    _passwords,
    _rests,
    _keys,
    _doors,
    _addresses,
)
