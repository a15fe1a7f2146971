"""The first days of the demo site: set up, groups and folders made, people brought in; later the joiners."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from innkeeper.actions import folders, grants, groups, memberships, setup, users
from innkeeper.actions.call import Call
from innkeeper.demo import papers
from innkeeper.demo.accounts import values_of
from innkeeper.demo.habits import LEGACY
from innkeeper.demo.people import MACHINES, PEOPLE, PRODUCTION, SALES, START, Person
from innkeeper.demo.places import GROUP_ADMINISTRATORS, GROUPS, NESTED, PLACES, Place
from innkeeper.demo.stage import BROWSER, OFFICE, Stage
from innkeeper.domain.words import Level, Source, SubjectKind, UserId

SITE = {"site_name": "Kestrel Outdoor", "time_zone": "Europe/Berlin", "lockout_attempts": 5}
AUDITORS = ("femke.roos", "daan.levander")


def plan(stage: Stage) -> None:
    """Plan the opening day, and the day on which each later person joined."""
    first, *others = PEOPLE
    stage.at(stage.on(START, 7), lambda call: _set_up(stage, call, first))
    stage.at(stage.on(START, 7, 20), lambda call: _make_groups(stage, call))
    stage.at(stage.on(START, 7, 40), lambda call: _make_places(stage, call))
    for number, person in enumerate(_founders(others)):
        _plan_joining(stage, person, stage.on(START, 8) + timedelta(minutes=4 * number))
    for person in others:
        if person.joined != START:
            _plan_joining(stage, person, stage.on(person.joined, 8, 30))
    stage.at(stage.on(START - 1, 7, 30), lambda call: _name_group_administrators(stage, call))


def _founders(people: Sequence[Person]) -> list[Person]:
    """Those whom an administrator typed in on the first day; the others of that day come by a file."""
    return [person for person in people if person.joined == START and person not in (*PRODUCTION, *SALES)]


def _plan_joining(stage: Stage, person: Person, moment: datetime) -> None:
    stage.at(moment, lambda call: _join(stage, call, person))


def _set_up(stage: Stage, call: Call, person: Person) -> None:
    web = Call(call.unit, call.actor, "web", OFFICE, BROWSER, call.vault)
    values = values_of(stage, person)
    keys = {name: values.pop(name) for name in ("groups", "ssh_keys")}
    stage.users[person.username] = setup.first_administrator(web, values, SITE).id
    for name in GROUPS:
        if name in keys["groups"]:
            made = groups.create(stage.acting(call, "ada"), {"name": name, "notes": GROUPS[name]})
            stage.groups[name] = made.id
    users.edit(stage.acting(call, "ada"), stage.users["ada"], keys)


def _make_groups(stage: Stage, call: Call) -> None:
    ada = stage.acting(call, "ada")
    for name, notes in GROUPS.items():
        if name not in stage.groups:
            stage.groups[name] = groups.create(ada, {"name": name, "notes": notes}).id
    for inner, outer in NESTED.items():
        memberships.add(ada, stage.groups[outer], SubjectKind.GROUP, stage.groups[inner])


def _make_places(stage: Stage, call: Call) -> None:
    ada = stage.acting(call, "ada")
    for place in PLACES:
        _make_place(stage, ada, place)
    for path in LEGACY:
        stage.shelf.add_folder(path.rpartition("/")[0])
        stage.shelf.put(path, papers.make(path, call.now, stage.random), call.now)


def _make_place(stage: Stage, ada: Call, place: Place) -> None:
    stage.shelf.add_folder(place.path)
    folders.create(ada, {"path": place.path, "is_fenced": place.is_fenced, "notes": place.notes})
    for entry in place.granted:
        name, level, *only = entry.split(":")
        group_id = stage.groups[name]
        grants.add(ada, place.path, SubjectKind.GROUP, group_id, Level(level), is_recursive=not only)


def _join(stage: Stage, call: Call, person: Person) -> None:
    ada = stage.acting(call, "ada")
    if person in MACHINES:
        ada.interface = "api"
    source = Source.API if person in MACHINES else Source.MANUAL
    stage.users[person.username] = users.create(ada, values_of(stage, person), source=source).id
    if person.username in AUDITORS:
        _let_audit(stage, ada, stage.users[person.username], person)


def _let_audit(stage: Stage, ada: Call, user_id: UserId, person: Person) -> None:
    ends = stage.now - timedelta(days=person.until or 0)
    grants.add(ada, "/finance/audit", SubjectKind.USER, user_id, Level.READ, starts_at=ada.now, ends_at=ends)


def _name_group_administrators(stage: Stage, call: Call) -> None:
    ada = stage.acting(call, "ada")
    for group, username in GROUP_ADMINISTRATORS.items():
        memberships.add(ada, stage.groups[group], SubjectKind.USER, stage.users[username], is_admin=True)
