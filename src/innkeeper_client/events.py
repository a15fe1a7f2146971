"""The log of what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask_page
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Moment, iso


@dataclass(frozen=True, slots=True)
class Target:
    """What an event is about, under the name it had then."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: who caused it, through which interface, from where."""

    position: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: str | None
    actor_name: str
    interface: str
    address: str
    target: Target
    user_id: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    data: Mapping[str, Any]


class Events(Noun[Way]):
    """The log of what happened."""

    @Verb
    def list(
        self,
        *,
        user_id: str | None = None,
        actor_id: str | None = None,
        target_id: str | None = None,
        kind: Sequence[str] = (),
        interface: str = "",
        text: str = "",
        since: Moment | None = None,
        until: Moment | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Event]]:
        """Answer a page of events, newest first. `user_id`: by or about; `kind`: kinds, or how they begin."""
        whose = {"user_id": user_id, "actor_id": actor_id, "target_id": target_id}
        what = {"kind": kind, "interface": interface, "text": text}
        when = {"since": iso(since), "until": iso(until)}
        return ask_page(Event, "/events", whose | what | when | {"limit": limit, "cursor": cursor})

    iterate = Walk(list)
