"""Compare one desired user with the one that is: what differs, by name, and whether it may happen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from innkeeper.domain import passwords
from innkeeper.domain.changes import changed_user, new_user, plain
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.fields import check, username_key
from innkeeper.domain.plans import Change, Mode, Outcome, Verdict
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.texts import Text, together
from innkeeper.domain.users import User
from innkeeper.domain.words import Source, UserId
from innkeeper.kit.passwords import Password

NOBODY = UserId("")
# What decides about a password besides the password.
ABOUT_PASSWORDS = frozenset({*passwords.ABOUT, "authentication_method"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """One row as it was understood. `checked` holds its fields.

    The password is apart, and never stored; so is the hash that another product made of it.
    """

    number: int
    row_number: int
    username: str
    checked: Mapping[str, Any]
    password: str | None = field(default=None, repr=False)
    imported_hash: str | None = field(default=None, repr=False)
    is_breached: bool = False
    problems: Sequence[Text] = ()
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A user who exists, with groups, grants and keys in the words of the fields."""

    user: User
    groups: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = ()
    primary_group: str = ""

    def picture(self, name: str) -> object:
        """A field as plain JSON values, lists in one order."""
        if name in ("groups", "grants", "ssh_keys"):
            return sorted(getattr(self, name))
        return self.primary_group if name == "primary_group" else plain(getattr(self.user, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a chunk of rows is compared with: users by user-name key, groups' names by their key.

    `earlier`: the hashes of passwords that users had before, by id.
    """

    users: Mapping[str, Known]
    groups: Mapping[str, str]
    site: SiteSettings
    now: datetime
    earlier: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)


def understand(
    number: int,
    row_number: int,
    values: Mapping[str, Any],
    *,
    problems: Sequence[Text] = (),
    cells: tuple[str, ...] = (),
    zone: str = "UTC",
) -> Desired:
    """Check a row's values; its problems are gathered, not raised."""
    found = list(problems)
    checked: dict[str, Any] = {}
    rest = {name: value for name, value in values.items() if name != "password"}
    try:
        checked = check(rest, zone=zone)
    except Invalid as invalid:
        found += [problem.text for problem in invalid.problems]
    if "username" not in values and not found:
        found.append(Problem("username", None, "a user name", "missing").text)
    return Desired(
        number=number,
        row_number=row_number,
        username=str(values.get("username") or ""),
        checked={name: value for name, value in checked.items() if name != passwords.IMPORTED},
        password=values.get("password"),
        imported_hash=checked.get(passwords.IMPORTED),
        problems=found,
        cells=cells,
    )


def hold_against(desired: Desired, world: World, mode: Mode) -> Change | None:
    """The verdict that needs no look at the fields: invalid or conflicting; None when there is neither."""
    problems = [*desired.problems, *_unknown_groups(desired, world)]
    known = world.users.get(username_key(desired.username)) if desired.username else None
    if not problems:
        problems += [problem.text for problem in _password_problems(desired, known, world)]
    if problems:
        return _failed(desired, known, Verdict.INVALID, together(*problems))
    conflict = _conflict(desired, known, mode)
    return _failed(desired, known, Verdict.CONFLICTING, conflict) if conflict else None


def compare(
    desired: Desired, world: World, *, new_hash: str | None = None, must_change: bool = False
) -> Change:
    """What a sound row changes. `new_hash`: of its password, unless the user has this very password."""
    known = world.users.get(username_key(desired.username))
    checked = dict(desired.checked)
    if desired.imported_hash and (
        known is None or passwords.takes_imported(known.user, desired.imported_hash)
    ):
        new_hash = desired.imported_hash
    if must_change and new_hash is not None:
        checked.setdefault("require_password_change", True)
    if known is None:
        return _change(desired, None, Verdict.NEW, {}, {}, new_hash)
    before, after = _difference(known, checked, world)
    if new_hash is not None:
        before["password"], after["password"] = "old" if known.user.password_hash else "", "new"
    verdict = Verdict.CHANGED if after else Verdict.UNCHANGED
    return _change(desired, known, verdict, before, after, new_hash)


def used_before(desired: Desired, world: World) -> Change:
    """The verdict on a row with a password that its user had before."""
    known = world.users.get(username_key(desired.username))
    return _failed(desired, known, Verdict.INVALID, passwords.used_before(world.site).problem.text)


def repeated(username: str, first_row: int) -> Text:
    """What is wrong with a second row for the same user."""
    expected = Text("one row for each user; row %(row)s has this user", {"row": first_row})
    return Problem("username", username, expected, "duplicate").text


def wanted_picture(name: str, value: Any, world: World) -> object:
    """A checked field as plain JSON values, to lie beside `Known.picture`."""
    if name == "groups":
        picture: object = sorted(world.groups.get(group.casefold(), group) for group in value)
    elif name == "grants":
        picture = sorted({str(grant) for grant in value})
    elif name == "ssh_keys":
        picture = sorted({key.fingerprint for key in value})
    elif name == "primary_group":
        picture = world.groups.get(value.casefold(), value)
    else:
        picture = plain(value)
    return picture


def _unknown_groups(desired: Desired, world: World) -> list[Text]:
    named = [("groups", name) for name in desired.checked.get("groups", ())]
    if desired.checked.get("primary_group"):
        named.append(("primary_group", desired.checked["primary_group"]))
    return [
        Problem(name, group, "the name of a group that exists", "unknown_group").text
        for name, group in named
        if group.casefold() not in world.groups
    ]


def _password_problems(desired: Desired, known: Known | None, world: World) -> Sequence[Problem]:
    values = {name: value for name, value in desired.checked.items() if name in ABOUT_PASSWORDS}
    if known is None:
        user = new_user(NOBODY, values, source=Source.CSV, now=world.now)
    else:
        user = changed_user(known.user, values)
    if desired.imported_hash:
        return passwords.imported_hash_problems(user, with_password=bool(desired.password))
    if desired.password:
        password = Password(desired.password, "", is_breached=desired.is_breached)
        return passwords.broken_rules(password, user, world.site)
    return passwords.invitation_problems(user) if known is None else ()


def _conflict(desired: Desired, known: Known | None, mode: Mode) -> Text | None:
    user = {"user": repr(desired.username)}
    if known is None and mode is Mode.UPDATE:
        return Text("there is no user %(user)s, and this import only updates", user)
    if known is not None and known.user.deleted_at is not None:
        return Text("user %(user)s is in the recycle bin; restore them, or take another name", user)
    if known is not None and mode is Mode.CREATE:
        return Text("user %(user)s exists already, and this import only creates", user)
    return None


def _difference(
    known: Known, checked: Mapping[str, Any], world: World
) -> tuple[dict[str, object], dict[str, object]]:
    """Only what differs. The user name is the key of the comparison, so its case is left as it is."""
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for name, value in checked.items():
        if name == "username":
            continue
        have, want = known.picture(name), wanted_picture(name, value, world)
        if have != want:
            before[name], after[name] = have, want
    return before, after


def _failed(desired: Desired, known: Known | None, verdict: Verdict, reason: Text) -> Change:
    return Change(
        number=desired.number,
        row_number=desired.row_number,
        verdict=verdict,
        target_name=desired.username[:200],
        target_id=known.user.id if known else None,
        reason=reason,
        cells=desired.cells,
    )


def _change(
    desired: Desired,
    known: Known | None,
    verdict: Verdict,
    before: Mapping[str, object],
    after: Mapping[str, object],
    new_hash: str | None,
) -> Change:
    acts = verdict in (Verdict.NEW, Verdict.CHANGED)
    return Change(
        number=desired.number,
        row_number=desired.row_number,
        verdict=verdict,
        target_name=desired.username,
        target_id=known.user.id if known else None,
        target_version=known.user.version if known else None,
        before=before,
        after=after,
        cells=desired.cells if acts else (),
        password_hash=new_hash,
        outcome=Outcome.PENDING if acts else Outcome.NONE,
    )
