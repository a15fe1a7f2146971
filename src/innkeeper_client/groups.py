"""Groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from innkeeper_client.errors import NotFound
from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, at, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group."""

    id: str
    name: str
    notes: str
    protocols: tuple[str, ...] | None
    allowed_ips: tuple[str, ...]
    require_2fa: bool
    source: str
    created_at: datetime
    updated_at: datetime
    version: int


class GroupFields(TypedDict, total=False):
    """The fields of a group that can be set, beside the name. What is absent stays as it is."""

    notes: str
    protocols: Sequence[Protocol] | None
    allowed_ips: Sequence[str]
    require_2fa: bool


class ChangedGroupFields(GroupFields, total=False):
    """The same with the name."""

    name: str


class Groups(Noun[Way]):
    """Groups of users."""

    @Verb
    def list(self, *, text: str = "", limit: int = 100, cursor: str | None = None) -> Steps[Page[Group]]:
        """Answer a page of groups by name. `text`: a part of the name."""
        return ask_page(Group, "/groups", {"text": text, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def get(self, group_id: str) -> Steps[Group]:
        """Answer a group by id."""
        return ask(Group, "GET", at("groups", group_id))

    @Verb
    def find(self, name: str) -> Steps[Group]:
        """Answer a group by name; raises NotFound."""
        page = yield from ask_page(Group, "/groups", {"name": name})
        if not page.items:
            raise NotFound(f"group {name!r} does not exist", code="not_found")
        return page.items[0]

    @Verb
    def create(self, name: str, **fields: Unpack[GroupFields]) -> Steps[Group]:
        """Make a group."""
        return create(Group, "/groups", {"name": name, **fields})

    @Verb
    def edit(
        self, group_id: str, *, version: int | None = None, **fields: Unpack[ChangedGroupFields]
    ) -> Steps[Group]:
        """Change the fields that are given; with `version` only if the group is still that one."""
        return change(Group, at("groups", group_id), fields, version)

    @Verb
    def delete(self, group_id: str) -> Steps[None]:
        """Delete a group with its memberships and grants; its members stay."""
        return tell("DELETE", at("groups", group_id))
