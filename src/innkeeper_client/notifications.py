"""Who hears by mail of what happens to files in a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import SubjectKind

FileNews = Literal["upload", "download", "delete", "rename"]
Frequency = Literal["5_minutes", "15_minutes", "hourly", "daily"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A user or group that hears of a folder. `changed_at`: since when it has been as it is."""

    id: str
    subject_kind: str
    subject_id: str
    path: str
    is_recursive: bool
    verbs: list[str]
    frequency: str
    created_by: str | None
    created_at: datetime
    changed_at: datetime


class Notifications(Noun[Way]):
    """Who hears of which folder."""

    @Verb
    def list(
        self,
        *,
        subject_id: str | None = None,
        path: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Notification]]:
        """Answer a page of notifications, for a user or group or of exactly one folder."""
        query = {"subject_id": subject_id, "path": path, "limit": limit, "cursor": cursor}
        return ask_page(Notification, "/notifications", query)

    iterate = Walk(list)

    @Verb
    def get(self, notification_id: str) -> Steps[Notification]:
        """Answer a notification."""
        return ask(Notification, "GET", at("notifications", notification_id))

    @Verb
    def add(
        self,
        path: str,
        subject_id: str,
        *,
        subject_kind: SubjectKind = "user",
        verbs: Sequence[FileNews] = ("upload",),
        frequency: Frequency = "hourly",
        is_recursive: bool = True,
    ) -> Steps[Notification]:
        """Let a user, or everyone in a group, hear of a folder from now on."""
        who = {"subject_kind": subject_kind, "subject_id": subject_id, "path": path}
        how = {"verbs": [*verbs], "frequency": frequency, "is_recursive": is_recursive}
        return create(Notification, "/notifications", {**who, **how})

    @Verb
    def edit(
        self,
        notification_id: str,
        *,
        verbs: Sequence[FileNews] | None = None,
        frequency: Frequency | None = None,
        is_recursive: bool | None = None,
    ) -> Steps[Notification]:
        """Change what is told and how often; None leaves it as it is."""
        known = {
            "verbs": None if verbs is None else [*verbs],
            "frequency": frequency,
            "is_recursive": is_recursive,
        }
        body = {name: value for name, value in known.items() if value is not None}
        return change(Notification, at("notifications", notification_id), body)

    @Verb
    def remove(self, notification_id: str) -> Steps[None]:
        """Take a notification away."""
        return tell("DELETE", at("notifications", notification_id))

    @Verb
    def refuse(self, notification_id: str) -> Steps[None]:
        """Hear no more of a folder that one is told of; the others in the group still do."""
        return tell("POST", at("notifications", notification_id, "refuse"))
