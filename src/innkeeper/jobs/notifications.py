"""Closes the batches of news that are due. May run at any time, and on several nodes at once."""

from collections.abc import Callable, Iterator
from itertools import groupby

from innkeeper.actions import notices
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.notices import Due
from innkeeper.domain.events import Recorded
from innkeeper.domain.notifications import Digest, Happening, Place, happening_of
from innkeeper.domain.paths import ancestors
from innkeeper.domain.words import NotificationId
from innkeeper.store.notifications import Turn

JOB = Caller("system", system_name="notifications")
# What is read, and what is told, in one unit.
EVENTS = 2000
READERS = 100
Batch = tuple[NotificationId, Place]


def tell_news(calls: Calls, pause: Callable[[], None]) -> int:
    """Mail everyone what is due; answers how many mails that made. `pause` may break off in between."""
    calls.write_now(JOB, notices.welcome_members)
    made = 0
    while (due := calls.read_now(JOB, notices.due)).turns:
        made += _tell(calls, due, pause)
        if len(due.turns) < notices.AT_ONCE:
            break
    return made


def _tell(calls: Calls, due: Due, pause: Callable[[], None]) -> int:
    """Each stretch of the log is read once, for all whose batch begins at the same place or later."""
    batches = _batches(due)
    digests = {batch: Digest(due.notifications[batch[0]]) for batch in batches}
    if batches:
        _gather(digests, _news(calls, min(place for _, place in batches), due.end, pause))
    made = 0
    for batch, turns in batches.items():
        for start in range(0, len(turns), READERS):
            pause()
            some = turns[start : start + READERS]
            made += calls.write_now(JOB, notices.tell, some, digests[batch], due.end)
    return made


def _batches(due: Due) -> dict[Batch, list[Turn]]:
    def batch_of(turn: Turn) -> Batch:
        return turn.notification_id, turn.place

    known = [turn for turn in due.turns if turn.notification_id in due.notifications]
    return {batch: list(turns) for batch, turns in groupby(sorted(known, key=batch_of), key=batch_of)}


def _gather(digests: dict[Batch, Digest], found: Iterator[Recorded]) -> None:
    """Each act goes to the notifications of its folder and of those above, however many there are."""
    by_path: dict[str, list[tuple[Place, Digest]]] = {}
    for (_, place), digest in digests.items():
        by_path.setdefault(digest.notification.path, []).append((place, digest))
    for happening in filter(None, map(happening_of, found)):
        for folder in _folders(happening):
            for place, digest in by_path.get(folder, ()):
                if happening.place > place:
                    digest.add(happening)


def _folders(happening: Happening) -> set[str]:
    paths = [path for path in (happening.path, happening.new_path) if path is not None]
    return {folder for path in paths for folder in ancestors(path)}


def _news(calls: Calls, place: Place, end: Place, pause: Callable[[], None]) -> Iterator[Recorded]:
    while found := calls.read_now(JOB, notices.news, place, end, limit=EVENTS):
        pause()
        yield from found
        place = (found[-1].commit_order, found[-1].position)
