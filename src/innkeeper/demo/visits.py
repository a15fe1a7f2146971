"""Visits at the SFTP door of the demo site: sign in, bring and fetch files, leave."""

from datetime import datetime, timedelta

from innkeeper.actions import access, connections, files
from innkeeper.actions.call import Call
from innkeeper.actions.files import Reported
from innkeeper.demo import doors, papers
from innkeeper.demo.accounts import NEVER_CAME
from innkeeper.demo.habits import MACHINE_HOURS, Habit, habit_of, name_of
from innkeeper.demo.people import PEOPLE, START, Person
from innkeeper.demo.stage import Stage
from innkeeper.domain.access import Ability, Access
from innkeeper.domain.actors import system
from innkeeper.domain.paths import parent
from innkeeper.domain.words import ConnectionId
from innkeeper.files.reports import FileReport, FileVerb

NODE = "demo"
HUNG_UP = "disconnected"
STAYS_AWAY = frozenset(NEVER_CAME)
TYPING_ERRORS = 0.04
TIDYING = 0.05


def plan(stage: Stage, gone: dict[str, float]) -> None:
    """Plan every visit; those in `gone` stay away from that day on, but for one more try."""
    for person in PEOPLE:
        habit = habit_of(person)
        if habit is None or person.username in STAYS_AWAY or "email_signup" in person.more.values():
            continue
        last = gone.get(person.username, person.until or 0.0)
        for days_ago in range(int(min(person.joined, START - 1)) - 1, int(max(last, 0)) - 1, -1):
            _plan_day(stage, person, habit, days_ago)
        if last > 0:
            plan_visit(stage, person, habit, stage.on(last - 1, 9, 41))


def plan_visit(
    stage: Stage, person: Person, habit: Habit, started: datetime, *, ends_as: str = HUNG_UP
) -> "Visit":
    """Plan one visit with a few operations, a minute or two apart."""
    visit = Visit(stage, person, habit, ends_as)
    if person.username not in MACHINE_HOURS and stage.random.random() < TYPING_ERRORS:
        stage.at(started - timedelta(seconds=14), visit.mistype)
    stage.at(started, visit.enter)
    moment = started
    for _ in range(stage.random.randint(1, 5)):
        moment += timedelta(seconds=stage.random.randint(4, 160))
        stage.at(moment, visit.work)
    stage.at(moment + timedelta(seconds=stage.random.randint(5, 300)), visit.leave)
    return visit


def _plan_day(stage: Stage, person: Person, habit: Habit, days_ago: int) -> None:
    is_weekend = stage.on(days_ago, 12).weekday() >= 5
    is_daily = habit.per_week >= 7
    if is_weekend and not is_daily:
        return
    if is_daily or stage.random.random() < habit.per_week / 5:
        fixed = MACHINE_HOURS.get(person.username)
        hour = person.company.first_hour + stage.random.randint(0, 9) if fixed is None else fixed
        minute = stage.random.randint(0, 59) if fixed is None else 15
        plan_visit(stage, person, habit, stage.on(days_ago, hour, minute))


class Visit:
    """One sign-in at the SFTP door, and what is done until it ends."""

    def __init__(self, stage: Stage, person: Person, habit: Habit, ends_as: str) -> None:
        self._stage = stage
        self._person = person
        self._habit = habit
        self._ends_as = ends_as
        self._connection: ConnectionId | None = None
        self._access: Access | None = None
        self._bytes = {FileVerb.UPLOAD: 0, FileVerb.DOWNLOAD: 0}

    def mistype(self, call: Call) -> None:
        """Give a wrong password first."""
        company = self._person.company
        doors.fail(call, self._person.username, "sftp", company.address, company.client)

    def enter(self, call: Call) -> None:
        """Come in, if the door opens."""
        company = self._person.company
        visitor, signed_in = doors.sign_in(
            call, self._person.username, "sftp", company.address, company.client
        )
        if signed_in is not None:
            self._connection = connections.open_link(visitor, signed_in.session, NODE).id
            self._access = access.of_user(call.unit, signed_in.user, signed_in.belongs)

    def work(self, call: Call) -> None:
        """Bring, fetch or delete one file, as far as the access allows."""
        if self._connection is None:
            return
        random = self._stage.random
        if self._habit.tidies and random.random() < TIDYING:
            self._tidy(call)
        elif self._habit.brings and (not self._habit.reads or random.random() < 0.55):
            self._bring(call)
        else:
            self._fetch(call)

    def leave(self, call: Call) -> None:
        """Hang up."""
        if self._connection is not None:
            connections.close(
                Call(call.unit, system("doors"), "system"),
                self._connection,
                reason=self._ends_as,
                bytes_in=self._bytes[FileVerb.UPLOAD],
                bytes_out=self._bytes[FileVerb.DOWNLOAD],
            )

    def _bring(self, call: Call) -> None:
        path = name_of(self._stage.random.choice(self._habit.brings), call.now, self._stage.random)
        needed = Ability.MODIFY if path in self._stage.shelf.files else Ability.CREATE
        if not self._may(needed, path):
            return
        if parent(path) not in self._stage.shelf.folders:
            self._stage.shelf.add_folder(parent(path))
            self._report(call, FileVerb.MAKE_FOLDER, parent(path), 0)
        content = papers.make(path, call.now, self._stage.random)
        self._stage.shelf.put(path, content, call.now)
        self._report(call, FileVerb.UPLOAD, path, len(content))

    def _fetch(self, call: Call) -> None:
        found = self._stage.shelf.within(self._stage.random.choice(self._habit.reads))[-20:]
        readable = [path for path in found if self._may(Ability.READ, path)]
        if readable:
            path = self._stage.random.choice(readable)
            self._report(call, FileVerb.DOWNLOAD, path, len(self._stage.shelf.files[path][0]))

    def _tidy(self, call: Call) -> None:
        """Delete something that was brought to where one brings things, at least a month ago."""
        folder = parent(self._stage.random.choice(self._habit.brings))
        old = [
            path
            for path in self._stage.shelf.within(folder)
            if self._may(Ability.DELETE, path)
            and self._stage.shelf.files[path][1] < call.now - timedelta(days=30)
        ]
        if old:
            size = len(self._stage.shelf.files[old[0]][0])
            self._stage.shelf.remove(old[0])
            self._report(call, FileVerb.DELETE, old[0], size)

    def _may(self, ability: Ability, path: str) -> bool:
        return self._access is not None and bool(self._access.file_abilities(path) & ability)

    def _report(self, call: Call, verb: FileVerb, path: str, size: int) -> None:
        moved = size if verb in self._bytes else 0
        if moved:
            self._bytes[verb] += moved
        done = FileReport(verb=verb, path=path, size=size, transferred=moved)
        user_id = self._stage.users[self._person.username]
        reported = Reported(user_id, self._person.username, "sftp", self._person.company.address, done)
        files.report(call, [reported])
