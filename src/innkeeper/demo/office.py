"""What the administrators of the demo site do in the console: edits, leavers, grants, keys, resets."""

from collections.abc import Callable
from datetime import timedelta

from innkeeper.actions import (
    api_keys,
    folders,
    grants,
    groups,
    memberships,
    passwords,
    sessions,
    settings,
    ssh_keys,
    users,
)
from innkeeper.actions.call import Call
from innkeeper.demo import doors
from innkeeper.demo.accounts import new_public_key
from innkeeper.demo.habits import HABITS
from innkeeper.demo.people import PEOPLE
from innkeeper.demo.stage import BROWSER, OFFICE, Stage
from innkeeper.demo.visits import plan_visit
from innkeeper.domain.words import Level, SubjectKind

Deed = Callable[[Stage, Call], object]
LUCA_LEAVES = 21
MONITORING = ("users:read", "sessions:read", "events:read")


def _edit(username: str, **values: object) -> Deed:
    return lambda stage, call: users.edit(call, stage.users[username], values)


def _suspend(username: str, reason: str) -> Deed:
    return lambda stage, call: users.suspend(call, stage.users[username], reason=reason)


def _reactivate(username: str) -> Deed:
    return lambda stage, call: users.reactivate(call, stage.users[username])


def _delete(username: str) -> Deed:
    return lambda stage, call: users.delete(call, stage.users[username])


def _unlock(username: str) -> Deed:
    return lambda stage, call: users.unlock(call, stage.users[username])


def _reset(username: str) -> Deed:
    return lambda stage, call: passwords.reset(call, stage.users[username], stage.passwords[""])


def _note_group(name: str, notes: str) -> Deed:
    return lambda stage, call: groups.edit(call, stage.groups[name], {"notes": notes})


def _join(group: str, username: str, days: float) -> Deed:
    def deed(stage: Stage, call: Call) -> None:
        ends = stage.now + timedelta(days=days)
        memberships.add(
            call,
            stage.groups[group],
            SubjectKind.USER,
            stage.users[username],
            starts_at=call.now,
            ends_at=ends,
        )

    return deed


def _grant(path: str, username: str, level: Level, days: float) -> Deed:
    def deed(stage: Stage, call: Call) -> None:
        ends = stage.now + timedelta(days=days)
        grants.add(call, path, SubjectKind.USER, stage.users[username], level, ends_at=ends)

    return deed


def _extend(username: str, days: float) -> Deed:
    def deed(stage: Stage, call: Call) -> None:
        ends = stage.now + timedelta(days=days)
        users.edit(call, stage.users[username], {"access_expires_at": ends.isoformat()})

    return deed


def _change_key(username: str) -> Deed:
    def deed(stage: Stage, call: Call) -> None:
        user_id = stage.users[username]
        ssh_keys.add(call, user_id, new_public_key(f"{username}@new-laptop"))
        ssh_keys.remove(call, ssh_keys.page(call, user_id=user_id).items[0].id)

    return deed


def _make_api_key(username: str, name: str) -> Deed:
    def deed(stage: Stage, call: Call) -> None:
        api_keys.create(call, stage.users[username], name, scopes=MONITORING)

    return deed


def _set(**values: object) -> Deed:
    return lambda _stage, call: settings.edit(call, values)


def _note_folder(path: str, notes: str) -> Deed:
    def deed(_stage: Stage, call: Call) -> None:
        found = next(folder for folder in folders.page(call, text=path).items if folder.path == path)
        folders.edit(call, found.id, {"notes": notes})

    return deed


# Days before now, hour and minute (UTC), who, what.
DEEDS: tuple[tuple[float, int, int, str, Deed], ...] = (
    (88, 9, 4, "ada", _set(lockout_minutes=720, session_hours=10)),
    (84, 13, 20, "anneke.devries", _edit("carlos.ibanez", tags=["iberia"])),
    (79, 10, 15, "ada", _make_api_key("ines.carvalho", "monitoring")),
    (74, 8, 50, "ines.carvalho", _reset("saoirse.nibhriain")),
    (69, 14, 2, "noor.haddad", _edit("elodie.marchand", notes="Works from Lyon on Fridays.")),
    (64, 9, 31, "ada", _note_group("Partners", "Everyone from outside. Contracts are with Clara.")),
    (60, 11, 7, "ines.carvalho", _grant("/design/patterns", "chiara.ferrante", Level.READ, 20)),
    (56, 9, 12, "ada", _change_key("noor.haddad")),
    (48, 15, 40, "ada", _suspend("hannah.cohen", "Sabbatical until the end of the month")),
    (47, 8, 20, "ines.carvalho", _edit("mei.chen", language="en", tags=["quality"])),
    (41, 10, 26, "ada", _extend("amara.obi", 11)),
    (39, 13, 3, "giulia.bianchi", _edit("sofie.maes", header_text="Month-end closing is on the 28th.")),
    (34, 7, 55, "ada", _reactivate("hannah.cohen")),
    (33, 9, 8, "ines.carvalho", _unlock("priya.sharma")),
    (29, 12, 44, "ada", _note_folder("/inbox", "Blind drop box. Emptied by Sales every Friday.")),
    (26, 14, 30, "ada", _suspend("samir.benali", "Parental leave until spring")),
    (LUCA_LEAVES, 10, 15, "ines.carvalho", _suspend("luca.moretti", "No longer with Tessuti Ferrante")),
    (19, 9, 48, "jan.kowalczyk", _edit("kwame.boateng", tags=["cutting"])),
    (16, 7, 32, "ada", _suspend("ivan.petrov", "Laptop stolen; waits for a new key")),
    (12, 15, 58, "ada", _suspend("tomasz.wilk", "Left the company")),
    (9, 10, 10, "ada", _delete("peter.dorn")),
    (7, 10, 22, "ines.carvalho", _delete("olena.shevchenko")),
    (6, 9, 17, "ada", _join("Production", "bao.nguyen", 24)),
    (4, 11, 36, "anneke.devries", _edit("greta.lehmann", notes="Looks after Blaumeise while Samir is away.")),
    (3, 13, 25, "ada", _grant("/retailers/blaumeise", "wim.claes", Level.READ, 6)),
    (1, 9, 5, "ines.carvalho", _reset("lukas.weiss")),
)
# From these days on they no longer come: suspended or deleted above.
GONE: dict[str, float] = {
    "samir.benali": 26,
    "luca.moretti": LUCA_LEAVES,
    "ivan.petrov": 16,
    "tomasz.wilk": 12,
    "peter.dorn": 9,
    "olena.shevchenko": 7,
}


def plan(stage: Stage) -> None:
    """Plan every deed, with the sign-in before it, and the visit that Luca's suspension cuts short."""
    for days_ago, hour, minute, username, deed in DEEDS:
        session = _Session(stage, username)
        moment = stage.on(days_ago, hour, minute)
        stage.at(moment - timedelta(minutes=3), session.begin)
        stage.at(moment, session.doing(deed))
        stage.at(moment + timedelta(minutes=11), session.end)
    luca = next(person for person in PEOPLE if person.username == "luca.moretti")
    started = stage.on(LUCA_LEAVES, 10, 12)
    plan_visit(stage, luca, HABITS["/suppliers/ferrante"], started, ends_as="suspended")


class _Session:
    """One stay of an administrator in the console."""

    def __init__(self, stage: Stage, username: str) -> None:
        self._stage = stage
        self._username = username
        self._call: Call | None = None

    def begin(self, call: Call) -> None:
        self._call, _ = doors.sign_in(call, self._username, "web", OFFICE, BROWSER)

    def doing(self, deed: Deed) -> Callable[[Call], object]:
        return lambda call: deed(self._stage, self._stage.acting(call, self._username))

    def end(self, call: Call) -> None:
        if self._call is not None:
            signed_in = Call(call.unit, self._call.actor, "web", OFFICE, BROWSER, call.vault)
            sessions.end_own(signed_in)
