"""Connections whose node is gone, and sign-ins that ended long ago. What there is to know is in the log."""

from datetime import timedelta

from innkeeper.actions import connections
from innkeeper.actions.call import Call
from innkeeper.store import sessions

# A node that is only slow may still renew a lease after a while.
LOST_AFTER = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=90)


def tidy(call: Call, *, limit: int) -> int:
    """Close some lost connections and forget some old sign-ins; answers how many, 0 when all is tidy."""
    lost = sessions.lost_connections(call.unit, call.now - LOST_AFTER, limit)
    for found in lost:
        connections.close(call, found.id, reason="lost", bytes_in=found.bytes_in, bytes_out=found.bytes_out)
    return len(lost) + sessions.forget_sessions(call.unit, call.now - FORGOTTEN_AFTER, limit)
