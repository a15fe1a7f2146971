"""The stage of the demo: a history is a list of moments, played in order through the ordinary actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from random import Random

from innkeeper.actions.actors import Caller, actor_of, belonging
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.demo.shelf import Shelf
from innkeeper.domain.rights import Right
from innkeeper.domain.words import GroupId, UserId
from innkeeper.kit.passwords import Password

SEED = 20_260_301
OFFICE = "198.51.100.20"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
DEMO = Caller("demo", system_name="demo")
Scene = Callable[[Call], object]


class DemoClock:
    """Shows the moment that is being played."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Stage:
    """What the scenes share: what exists by now, by name, and the moments still to be played."""

    now: datetime
    passwords: dict[str, Password]
    shelf: Shelf = field(default_factory=Shelf)
    users: dict[str, UserId] = field(default_factory=dict)
    groups: dict[str, GroupId] = field(default_factory=dict)
    moments: list[tuple[datetime, int, Scene]] = field(default_factory=list)
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - the same story every time

    def at(self, moment: datetime, scene: Scene) -> None:
        """Plan a scene; what would happen after now does not happen."""
        if moment < self.now:
            self.moments.append((moment, len(self.moments), scene))

    def on(self, days_ago: float, hour: int, minute: int = 0) -> datetime:
        """A time of day (UTC), so many days before now."""
        day = (self.now - timedelta(days=days_ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(hours=hour, minutes=minute, seconds=self.random.random() * 60)

    def acting(self, call: Call, username: str) -> Call:
        """The call of someone who sits in front of the console in the office."""
        user, _ = call.take_user(self.users[username], Right.USER_READ)
        return Call(
            call.unit, actor_of(user, belonging(call.unit, user.id)), "web", OFFICE, BROWSER, call.vault
        )


def play(calls: Calls, clock: DemoClock, stage: Stage) -> None:
    """Play every moment in order; those of one day share a unit of work, and so one commit."""
    stage.moments.sort(key=lambda moment: moment[:2])
    for _, day in groupby(stage.moments, key=lambda moment: moment[0].date()):
        moments = [(at, scene) for at, _, scene in day]
        clock.now = moments[0][0]
        calls.write_now(DEMO, _play_day, moments)


def _play_day(call: Call, moments: Sequence[tuple[datetime, Scene]]) -> None:
    for at, scene in moments:
        call.unit.now = at
        scene(call)
