"""Tidies up keys that the site's rules have ended. May run at any time, and on several nodes at once."""

from collections.abc import Callable

from innkeeper.actions import key_tidying
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls

JOB = Caller("job", system_name="key rules")
CHUNK = 200


def tidy_keys(calls: Calls, pause: Callable[[], None]) -> None:
    """Remove every such key, chunk by chunk; `pause` may break off between chunks."""
    while calls.write_now(JOB, key_tidying.tidy, limit=CHUNK):
        pause()
