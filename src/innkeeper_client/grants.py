"""Grants: permissions of users and groups on folders."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from innkeeper_client.reading import Page, plain
from innkeeper_client.steps import Steps, ask, ask_page, at, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Level, Moment, SubjectKind, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A level for a user or a group on a folder. `is_recursive`: the folders below are meant too."""

    id: str
    subject_kind: str
    subject_id: str
    folder_id: str
    path: str
    level: str
    is_recursive: bool
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime


class GrantFields(TypedDict, total=False):
    """What can be changed about a grant. What is absent stays as it is."""

    level: Level
    is_recursive: bool
    starts_at: Moment | None
    ends_at: Moment | None


class Grants(Noun[Way]):
    """Who may do what in which folder."""

    @Verb
    def list(
        self,
        *,
        folder_id: str | None = None,
        subject_id: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Grant]]:
        """Answer a page of grants, of a folder or to a user or group."""
        query = {"folder_id": folder_id, "subject_id": subject_id, "limit": limit, "cursor": cursor}
        return ask_page(Grant, "/grants", query)

    iterate = Walk(list)

    @Verb
    def add(
        self,
        subject_kind: SubjectKind,
        subject_id: str,
        path: str,
        level: Level,
        *,
        is_recursive: bool = True,
        starts_at: Moment | None = None,
        ends_at: Moment | None = None,
    ) -> Steps[Grant]:
        """Grant a level on a folder, which becomes known if it was not."""
        subject = {"subject_kind": subject_kind, "subject_id": subject_id}
        window = {"starts_at": iso(starts_at), "ends_at": iso(ends_at)}
        body = {**subject, "path": path, "level": level, "is_recursive": is_recursive, **window}
        return create(Grant, "/grants", body)

    @Verb
    def get(self, grant_id: str) -> Steps[Grant]:
        """Answer a grant by id."""
        return ask(Grant, "GET", at("grants", grant_id))

    @Verb
    def edit(self, grant_id: str, **fields: Unpack[GrantFields]) -> Steps[Grant]:
        """Change level, reach or window of a grant."""
        return change(Grant, at("grants", grant_id), plain(fields))

    @Verb
    def remove(self, grant_id: str) -> Steps[None]:
        """Take a grant away."""
        return tell("DELETE", at("grants", grant_id))
