"""What each field accepts, as what the domain keeps it, and what it says to everything else."""

from datetime import UTC, datetime

import pytest

from innkeeper.domain.errors import Invalid
from innkeeper.domain.fields import check, username_key
from innkeeper.domain.other_fields import check as check_group
from innkeeper.domain.other_fields import check_folder, check_settings
from innkeeper.domain.users import LifecycleBypass
from innkeeper.domain.words import FactorKind, Protocol, Role
from innkeeper.kit.passwords import Password, verify

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl"
MODEL = "08987058-cadc-4b81-b6e1-30de50dcbe96"
HASHED = Password(None, "$argon2id$")


def problem(caught: pytest.ExceptionInfo[Invalid]) -> str:
    [only] = caught.value.problems
    return str(only)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("username", "Zoe\u0308", "Zo\u00eb"),
        ("name", None, ""),
        ("email", "", ""),
        ("email", None, ""),
        ("email", "ada@example.org", "ada@example.org"),
        ("tags", None, ()),
        ("tags", ["b", "a", "b"], ("b", "a")),
        ("language", None, ""),
        ("language", "de", "de"),
        ("time_zone", "", ""),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
        ("authentication_method", "none", "none"),
        ("password", "", None),
        ("password", HASHED, HASHED),
        ("imported_password_hash", "", None),
        ("password_validity_days", None, None),
        ("password_validity_days", 90, 90),
        ("access_expires_at", "", None),
        ("access_expires_at", "2027-03-31", datetime(2027, 4, 1, tzinfo=UTC)),
        ("access_expires_at", "2027-03-31T18:00:00+02:00", datetime(2027, 3, 31, 16, tzinfo=UTC)),
        ("access_expires_at", datetime(2027, 3, 31, tzinfo=UTC), datetime(2027, 3, 31, tzinfo=UTC)),
        ("disabled", True, True),
        ("roles", ["read_only_administrator"], (Role.READ_ONLY_ADMINISTRATOR,)),
        ("groups", [" Staff ", "Staff"], ("Staff",)),
        ("user_root", None, "/"),
        ("user_home", "/a/./b/../c/", "/a/c"),
        ("protocols", None, None),
        ("protocols", ["web", "sftp"], (Protocol.SFTP, Protocol.WEB)),
        ("allowed_ips", ["192.0.2.7", "2001:DB8::/32"], ("192.0.2.7/32", "2001:db8::/32")),
        ("require_2fa", None, None),
        ("require_2fa", False, False),
        ("bypass_lifecycle_rules", False, None),
        ("bypass_lifecycle_rules", {"reason": "robot"}, LifecycleBypass("robot")),
        (
            "bypass_lifecycle_rules",
            {"reason": "on leave", "until": "2027-03-31"},
            LifecycleBypass("on leave", datetime(2027, 4, 1, tzinfo=UTC)),
        ),
        ("notification_preferences", None, {}),
        ("attributes", {"badge": 7}, {"badge": 7}),
        ("external_ids", {"okta": "00u1"}, {"okta": "00u1"}),
    ],
)
def test_what_a_user_field_keeps(field: str, value: object, kept: object) -> None:
    assert kept == check({field: value})[field]


def test_grants_and_keys_are_kept_once_and_read_as_they_were_written() -> None:
    grants = ["/a/../b:read", "/b:read", "/inbox:write:only"]

    checked = check({"grants": grants, "ssh_keys": [KEY, f"{KEY} laptop"]})

    assert [str(grant) for grant in checked["grants"]] == ["/b:read", "/inbox:write:only"]
    assert len(checked["ssh_keys"]) == 1


def test_a_password_is_kept_as_its_hash() -> None:
    password = check({"password": "correct horse battery"})["password"]

    assert verify(password.hash, "correct horse battery")
    assert "correct" not in repr(password)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("username", "a b", "without spaces"),
        ("username", 7, "1 to 128 characters"),
        ("name", "x" * 201, "at most 200 characters"),
        ("name", 7, "at most 200 characters"),
        ("email", "ada@localhost", "a domain that has a dot"),
        ("email", 7, "like name@example.org"),
        ("email", f"ada@{'x' * 250}.org", "like name@example.org"),
        ("tags", "a", "a list of texts"),
        ("tags", [7], "a list of texts"),
        ("tags", ["a b"], "without spaces, ',' or ';'"),
        ("language", "fr", "one of en, de"),
        ("time_zone", "Berlin", "like Europe/Berlin"),
        ("time_zone", 1, "like Europe/Berlin"),
        ("authentication_method", "magic", "one of password, email_signup"),
        ("authentication_method", 7, "one of password, email_signup"),
        ("password_validity_days", 0, "from 1 to 36500"),
        ("password_validity_days", True, "from 1 to 36500"),
        ("access_expires_at", "31.3.2027", "a date like 2027-03-31"),
        ("access_expires_at", "2027-03-31T18:00:00", "with its offset"),
        ("access_expires_at", 7, "a date like 2027-03-31"),
        ("access_expires_at", "9999-12-31", "a date like 2027-03-31"),
        ("disabled", "yes", "true or false"),
        ("require_2fa", 1, "true or false"),
        ("roles", ["user"], "a list out of site_administrator, read_only_administrator"),
        ("groups", [" "], "a list of group names"),
        ("user_root", "home", "begins with '/'"),
        ("user_root", 7, "begins with '/'"),
        ("allowed_ips", ["everywhere"], "like 203.0.113.7"),
        ("bypass_lifecycle_rules", {"why": "x"}, "an object with 'reason'"),
        ("bypass_lifecycle_rules", ["x"], "an object with 'reason'"),
        ("bypass_lifecycle_rules", {"reason": ""}, "a 'reason' of 1 to 500 characters"),
        ("attributes", ["x"], "at most 100 entries"),
        ("attributes", {str(number): 0 for number in range(101)}, "at most 100 entries"),
        ("attributes", {"a": "x" * 10_000}, "at most 10000 characters"),
        ("external_ids", {"okta": 7}, "an object of texts"),
        ("ssh_keys", ["ssh-dss AAAA"], "ssh"),
        ("grants", ["projects:read"], "entries like /projects/a:read"),
        ("grants", ["/projects:own"], "a level out of list, read"),
        ("grants", ["/projects:read:deep"], "entries like /projects/a:read"),
    ],
)
def test_what_a_user_field_refuses(field: str, value: object, expected: str) -> None:
    with pytest.raises(Invalid) as caught:
        check({field: value})

    assert expected in problem(caught)
    assert problem(caught).startswith(f"{field}: ")


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        check({"colour": "red", "username": "a b", "ssh_keys": ["x"], "user_home": "/" + "x" * 300})

    assert [problem.field for problem in caught.value.problems] == ["colour", "username", "ssh_keys", "path"]
    assert "a field that users have" in str(caught.value)


@pytest.mark.parametrize("secret", [["hunter two"], "hunter two" * 1000])
def test_a_refused_password_is_not_told_again(secret: object) -> None:
    with pytest.raises(Invalid) as caught:
        check({"password": secret})

    assert "at most 1024 characters" in problem(caught)
    assert "hunter" not in problem(caught)


def test_names_that_look_the_same_are_the_same() -> None:
    assert username_key("ADA") == username_key("ada")
    assert username_key("\uff41da") == username_key("ada")
    assert username_key("Stra\u00dfe") == username_key("STRASSE")


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("site_name", " Our files ", "Our files"),
        ("language", "", "en"),
        ("language", "de", "de"),
        ("time_zone", "", "UTC"),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
        ("protocols", None, tuple(Protocol)),
        ("protocols", ["web"], (Protocol.WEB,)),
        ("lockout_attempts", 3, 3),
        ("require_2fa", True, True),
        ("require_2fa_roles", ["user", "site_administrator"], (Role.SITE_ADMINISTRATOR, Role.USER)),
        ("two_factor_kinds", [kind.value for kind in FactorKind], tuple(FactorKind)),
        ("passkey_models", [MODEL.upper(), MODEL], (MODEL,)),
        ("ssh_key_maximum_days", 365, 365),
    ],
)
def test_what_a_setting_keeps(field: str, value: object, kept: object) -> None:
    assert kept == check_settings({field: value})[field]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("site_name", " ", "1 to 200 characters"),
        ("site_name", 7, "1 to 200 characters"),
        ("ssh_key_maximum_days", 0, "a whole number from 1 to 3650"),
        ("lockout_attempts", 2, "a whole number from 3 to 100"),
        ("lockout_attempts", True, "a whole number from 3 to 100"),
        ("lockout_attempts", "3", "a whole number from 3 to 100"),
        ("require_2fa_roles", ["king"], "a list of site_administrator"),
        ("require_2fa_roles", "user", "a list of site_administrator"),
        ("passkey_models", MODEL, "each a UUID"),
        ("passkey_models", ["yubikey"], "each a UUID"),
        ("site_name", "a\0", "without NUL"),
        ("colour", "red", "a setting of the site"),
    ],
)
def test_what_a_setting_refuses(field: str, value: object, expected: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_settings({field: value})

    assert expected in problem(caught)


def test_a_new_group_and_a_new_folder_need_what_names_them() -> None:
    with pytest.raises(Invalid, match="a name for the group"):
        check_group({"notes": "x"}, is_new=True)
    with pytest.raises(Invalid, match="a folder path"):
        check_folder({"notes": "x"}, is_new=True)


def test_a_group_keeps_what_it_is_given() -> None:
    checked = check_group({"name": " Staff ", "require_2fa": True, "protocols": ["web"]}, is_new=True)

    assert checked == {"name": "Staff", "require_2fa": True, "protocols": (Protocol.WEB,)}


def test_a_folder_keeps_its_path() -> None:
    assert check_folder({"path": "/a/", "is_fenced": True}, is_new=True) == {"path": "/a", "is_fenced": True}
    assert check_folder({"notes": "x"}, is_new=False) == {"notes": "x"}
    with pytest.raises(Invalid, match="a field that folders have"):
        check_folder({"path": "/b"}, is_new=False)
