"""Who must have a second factor, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from innkeeper.domain.factors import Mandate, MandatedBy, is_mandated, mandates
from innkeeper.domain.groups import Belonging, Group, Membership
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.users import User
from innkeeper.domain.words import GroupId, Role, SubjectKind, UserId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STRICT = Group(id=GroupId("g1"), name="Sales", require_2fa=True, created_at=NOW, updated_at=NOW)
LAX = Group(id=GroupId("g2"), name="Press", created_at=NOW, updated_at=NOW)
LEADS = Membership(group_id=GroupId("g2"), member_kind=SubjectKind.USER, member_id="u1", is_admin=True)
ENDS = NOW + timedelta(hours=3)


def user(**values: object) -> User:
    known = {"id": UserId("u1"), "username": "bob", "created_at": NOW, "updated_at": NOW}
    return User(**{**known, **values})  # type: ignore[arg-type]  # the values differ in type


@pytest.mark.parametrize(
    ("person", "belongs", "site", "expected"),
    [
        (user(), Belonging((LAX,)), SiteSettings(), []),
        (user(), Belonging((STRICT, LAX)), SiteSettings(), [Mandate(MandatedBy.GROUP, "Sales")]),
        (user(), Belonging(), SiteSettings(require_2fa=True), [Mandate(MandatedBy.SITE)]),
        (
            user(),
            Belonging(),
            SiteSettings(require_2fa_ends_at=ENDS),
            [Mandate(MandatedBy.SITE, until=ENDS)],
        ),
        (user(), Belonging(), SiteSettings(require_2fa_ends_at=NOW), []),
        (
            user(roles=(Role.SITE_ADMINISTRATOR,)),
            Belonging(),
            SiteSettings(require_2fa_roles=(Role.SITE_ADMINISTRATOR,)),
            [Mandate(MandatedBy.ROLE, "site_administrator")],
        ),
        (
            user(),
            Belonging(direct=(LEADS,)),
            SiteSettings(require_2fa_roles=(Role.GROUP_ADMINISTRATOR,)),
            [Mandate(MandatedBy.ROLE, "group_administrator")],
        ),
        (
            user(),
            Belonging(),
            SiteSettings(require_2fa_roles=(Role.USER,)),
            [Mandate(MandatedBy.ROLE, "user")],
        ),
        (user(require_2fa=True), Belonging(), SiteSettings(), [Mandate(MandatedBy.USER)]),
        (user(require_2fa=False), Belonging((STRICT,)), SiteSettings(require_2fa=True), []),
    ],
)
def test_every_reason_is_named_and_the_users_own_field_decides_alone(
    person: User, belongs: Belonging, site: SiteSettings, expected: list[Mandate]
) -> None:
    assert expected == mandates(person, belongs, site, NOW)
    assert bool(expected) is is_mandated(person, belongs, site, NOW)
