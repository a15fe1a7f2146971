"""Consequences, one file each: they read the event log and know nothing of who caused an event."""
