"""Whom a change of the sign-in policy would affect, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from innkeeper.actions import (
    groups,
    memberships,
    policy_effects,
    settings,
    ssh_keys,
    users,
)
from innkeeper.actions.actors import Caller, belonging
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.policy_effects import Effect, EffectKind
from innkeeper.domain.errors import Forbidden, Invalid, NotNow
from innkeeper.domain.factors import mandates
from innkeeper.domain.groups import Group
from innkeeper.domain.queries import UserQuery
from innkeeper.domain.rights import Reach, Scope
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import Role, SubjectKind
from innkeeper.store import policy_counts
from tests.browsers import open_browser
from tests.conftest import SYSTEM, FakeClock
from tests.console.stage import KEY
from tests.enrolling import enrol_app
from tests.rest import token_of

EVERYONE = Scope(Reach.ANYONE)


def told(calls: Calls, caller: Caller = SYSTEM, **values: Any) -> list[tuple[str, int]]:
    return [
        (effect.kind.value, effect.number)
        for effect in calls.read_now(caller, policy_effects.effects, values)
    ]


def test_a_change_that_reaches_nobody_tells_nothing(calls: Calls, ada: User, bob: User) -> None:
    assert told(calls, lockout_minutes=20, password_minimum_length=12, require_2fa=False) == []


async def test_a_mandate_counts_those_who_have_nothing_yet(
    calls: Calls, ada: User, bob: User, charlie: User
) -> None:
    browser = await open_browser(calls, "bob", "staple tractor nine")
    enrol_app(calls, browser, bob)
    calls.write_now(SYSTEM, users.edit, charlie.id, {"require_2fa": False})
    calls.write_now(SYSTEM, users.create, {"username": "dora", "authentication_method": "none"})
    gone = calls.write_now(SYSTEM, users.create, {"username": "emil", "password": "yellow kitchen door"})
    calls.write_now(SYSTEM, users.suspend, gone.id)

    assert told(calls, require_2fa=True) == [(EffectKind.MANDATED.value, 1)]
    assert told(calls, require_2fa_roles=["site_administrator"]) == [(EffectKind.MANDATED.value, 1)]
    assert calls.read_now(SYSTEM, policy_effects.standing).without_factor == 2


def test_the_end_of_a_mandate_counts_those_whom_no_other_rule_holds(
    calls: Calls, ada: User, bob: User, staff: Group
) -> None:
    calls.write_now(SYSTEM, settings.edit, {"require_2fa": True})
    calls.write_now(SYSTEM, groups.edit, staff.id, {"require_2fa": True})
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, bob.id)

    assert told(calls, require_2fa=False) == [(EffectKind.RELEASED.value, 1)]
    assert told(calls, require_2fa=False, require_2fa_roles=["site_administrator"]) == []


@pytest.mark.parametrize(
    "site",
    [
        SiteSettings(),
        SiteSettings(require_2fa_roles=(Role.SITE_ADMINISTRATOR,)),
        SiteSettings(require_2fa_roles=(Role.GROUP_ADMINISTRATOR,)),
        SiteSettings(require_2fa_roles=(Role.READ_ONLY_ADMINISTRATOR, Role.USER)),
        SiteSettings(require_2fa=True),
    ],
)
def test_the_database_and_the_rule_agree_on_who_is_mandated(
    calls: Calls, clock: FakeClock, ada: User, bob: User, charlie: User, staff: Group, site: SiteSettings
) -> None:
    inner = calls.write_now(SYSTEM, groups.create, {"name": "Inner"})
    later, over = clock.now + timedelta(days=1), clock.now - timedelta(days=1)
    dora = calls.write_now(SYSTEM, users.create, {"username": "dora"})
    calls.write_now(SYSTEM, groups.edit, staff.id, {"require_2fa": True})
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.GROUP, inner.id)
    calls.write_now(SYSTEM, memberships.add, inner.id, SubjectKind.USER, bob.id, is_admin=True)
    calls.write_now(SYSTEM, memberships.add, inner.id, SubjectKind.USER, charlie.id, starts_at=later)
    calls.write_now(SYSTEM, memberships.add, staff.id, SubjectKind.USER, dora.id, ends_at=over, is_admin=True)

    by_rule, by_query = calls.read_now(SYSTEM, _both, site)

    assert by_rule == by_query


def _both(call: Call, site: SiteSettings) -> tuple[int, int]:
    """How many the site's settings reach and groups do not: by the rule, and by the query."""
    none = SiteSettings()
    return _held(call, site) - _held(call, none), policy_counts.released(call.unit, EVERYONE, site, none)


def _held(call: Call, site: SiteSettings) -> int:
    everyone = users.page(call, UserQuery()).items
    return sum(bool(mandates(user, belonging(call.unit, user.id), site, call.now)) for user in everyone)


def test_passwords_become_due_by_a_shorter_validity(
    calls: Calls, clock: FakeClock, ada: User, bob: User, charlie: User
) -> None:
    calls.write_now(SYSTEM, users.edit, charlie.id, {"password_validity_days": 400})
    clock.advance(days=40)

    assert told(calls, password_validity_days=30) == [(EffectKind.PASSWORDS_DUE.value, 2)]
    assert told(calls, password_validity_days=41) == []
    calls.write_now(SYSTEM, settings.edit, {"password_validity_days": 39})
    assert told(calls, password_validity_days=30) == []


async def test_sessions_that_have_rested_end(calls: Calls, clock: FakeClock, bob: User) -> None:
    await open_browser(calls, "bob", "staple tractor nine")
    clock.advance(minutes=40)

    assert told(calls, session_idle_minutes=30) == [(EffectKind.SESSIONS_END.value, 1)]
    assert told(calls, session_idle_minutes=45) == []


def test_keys_fall_under_new_rules(calls: Calls, clock: FakeClock, bob: User) -> None:
    calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY, label="Laptop")
    token_of(calls, bob)
    clock.advance(days=100)

    assert told(calls, ssh_key_unused_days=90, api_key_maximum_days=99) == [
        (EffectKind.SSH_KEYS_END.value, 1),
        (EffectKind.API_KEYS_END.value, 1),
    ]


async def test_a_closed_door_counts_those_who_used_it(calls: Calls, ada: User, bob: User) -> None:
    await open_browser(calls, "bob", "staple tractor nine")

    found = calls.read_now(SYSTEM, policy_effects.effects, {"protocols": ["sftp", "api"]})

    assert found == [Effect(EffectKind.DOOR_USERS, 1, "web"), Effect(EffectKind.DOOR_LINKS, 1, "web")]


async def test_addresses_outside_a_new_list_count_but_not_of_those_whom_it_does_not_bind(
    calls: Calls, ada: User, bob: User
) -> None:
    await open_browser(calls, "bob", "staple tractor nine")

    assert told(calls, allowed_ips=["198.51.100.0/24"]) == [(EffectKind.STRANGE_ADDRESSES.value, 1)]
    assert told(calls, allowed_ips=["203.0.113.0/24"]) == []
    calls.write_now(SYSTEM, users.edit, bob.id, {"bypass_site_allowed_ips": True})
    assert told(calls, allowed_ips=["198.51.100.0/24"]) == []


async def test_kinds_and_passkeys_that_are_taken_away_count_their_holders(calls: Calls, bob: User) -> None:
    browser = await open_browser(calls, "bob", "staple tractor nine")
    enrol_app(calls, browser, bob)
    calls.write_now(SYSTEM, ssh_keys.add, bob.id, KEY, label="Laptop")

    assert told(calls, two_factor_kinds=["webauthn"]) == [(EffectKind.KINDS_KEPT.value, 1)]
    assert told(calls, passkey_sign_in=False) == []
    assert told(calls, require_2fa_with_ssh_keys=True) == [(EffectKind.ASKED_AFTER_KEY.value, 1)]


def test_only_those_who_see_the_settings_are_told_and_wrong_values_are_refused(
    calls: Calls, ada: User, bob: User
) -> None:
    as_bob = Caller("api", "192.0.2.7", api_key=token_of(calls, bob))

    with pytest.raises(Forbidden):
        told(calls, as_bob, require_2fa=True)
    with pytest.raises(Invalid):
        told(calls, session_hours=0)


def test_the_delay_of_a_mandate_cannot_be_cut_before_it_is_dropped(calls: Calls, ada: User) -> None:
    calls.write_now(SYSTEM, settings.edit, {"require_2fa": True, "two_factor_leave_hours": 48})

    with pytest.raises(NotNow):
        calls.write_now(SYSTEM, settings.edit, {"two_factor_leave_hours": 0})
    with pytest.raises(NotNow):
        calls.write_now(SYSTEM, settings.edit, {"two_factor_leave_hours": 0, "require_2fa": False})
    ended = calls.write_now(SYSTEM, settings.edit, {"require_2fa": False})

    assert ended.require_2fa_ends_at is not None
    with pytest.raises(NotNow):
        calls.write_now(SYSTEM, settings.edit, {"two_factor_leave_hours": 0})
    assert calls.write_now(SYSTEM, settings.edit, {"two_factor_leave_hours": 72}).two_factor_leave_hours == 72
