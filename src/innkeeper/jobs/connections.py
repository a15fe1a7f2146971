"""Tidies away what is left of connections and sign-ins. May run at any time, on several nodes at once."""

from collections.abc import Callable

from innkeeper.actions import connection_tidying
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls

JOB = Caller("job", system_name="connections")
CHUNK = 500


def tidy_connections(calls: Calls, pause: Callable[[], None]) -> None:
    """All of it, chunk by chunk; `pause` may break off between chunks."""
    while calls.write_now(JOB, connection_tidying.tidy, limit=CHUNK):
        pause()
