"""Tidies away second factors whose removal has come due. May run at any time, on several nodes at once."""

from collections.abc import Callable

from innkeeper.actions import factor_removal
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls

JOB = Caller("job", system_name="second factors")


def tidy_factors(calls: Calls, pause: Callable[[], None]) -> None:
    """Remove every such factor, chunk by chunk; `pause` may break off between chunks."""
    while calls.write_now(JOB, factor_removal.remove_due):
        pause()
