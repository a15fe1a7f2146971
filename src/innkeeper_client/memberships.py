"""Who is in which group."""

from dataclasses import dataclass
from datetime import datetime

from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Moment, SubjectKind, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A user or a group inside a group."""

    group_id: str
    member_kind: str
    member_id: str
    is_admin: bool
    starts_at: datetime | None
    ends_at: datetime | None


class Memberships(Noun[Way]):
    """Users and groups inside groups."""

    @Verb
    def list(
        self,
        *,
        group_id: str | None = None,
        user_id: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[Membership]]:
        """Answer a page of memberships, of a group or of a user; direct ones only."""
        query = {"group_id": group_id, "user_id": user_id, "limit": limit, "cursor": cursor}
        return ask_page(Membership, "/memberships", query)

    iterate = Walk(list)

    @Verb
    def put(
        self,
        group_id: str,
        member_id: str,
        *,
        member_kind: SubjectKind = "user",
        is_admin: bool = False,
        starts_at: Moment | None = None,
        ends_at: Moment | None = None,
    ) -> Steps[Membership]:
        """Put a user or group into a group, or change how they are in it."""
        window = {"starts_at": iso(starts_at), "ends_at": iso(ends_at)}
        body = {"member_kind": member_kind, "is_admin": is_admin, **window}
        return ask(Membership, "PUT", at("memberships", group_id, member_id), body=body)

    @Verb
    def remove(self, group_id: str, member_id: str) -> Steps[None]:
        """Take a member out of a group."""
        return tell("DELETE", at("memberships", group_id, member_id))
