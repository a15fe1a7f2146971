"""The nouns of the API and their verbs, each described once for both clients."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from innkeeper_client import documents as d
from innkeeper_client.reading import Page
from innkeeper_client.steps import Steps, ask, ask_page, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way

Values = Mapping[str, Any]


class Users(Noun[Way]):
    """People and machine accounts. Values are by the user fields' names."""

    @Verb
    def list(
        self,
        *,
        username: str | None = None,
        text: str | None = None,
        status: Sequence[str] | None = None,
        group: Sequence[str] | None = None,
        tag: Sequence[str] | None = None,
        sort: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.User]]:
        """A page of users; `group` takes ids, `sort` may begin with '-'."""
        query = {"username": username, "text": text, "status": status, "group": group, "tag": tag}
        return ask_page(d.User, "/users", {**query, "sort": sort, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def get(self, user_id: str) -> Steps[d.User]:
        """One user by id; raises NotFound."""
        return ask(d.User, "GET", f"/users/{user_id}")

    @Verb
    def create(self, values: Values) -> Steps[d.User]:
        """Make a user; raises Invalid or Duplicate."""
        return create(d.User, "/users", values)

    @Verb
    def edit(self, user_id: str, values: Values, *, version: int | None = None) -> Steps[d.User]:
        """Change some fields; raises Invalid, Duplicate, or Stale when `version` has passed."""
        return change(d.User, f"/users/{user_id}", values, version)

    @Verb
    def clone(self, user_id: str, values: Values) -> Steps[d.User]:
        """A new user with the settings, groups and grants of another."""
        return create(d.User, f"/users/{user_id}/clone", values)

    @Verb
    def suspend(self, user_id: str, *, reason: str = "") -> Steps[d.User]:
        """Disable a user; every session and connection of theirs ends at once."""
        return ask(d.User, "POST", f"/users/{user_id}/suspend", body={"reason": reason}, is_repeatable=True)

    @Verb
    def reactivate(self, user_id: str) -> Steps[d.User]:
        """Enable a suspended user."""
        return ask(d.User, "POST", f"/users/{user_id}/reactivate", is_repeatable=True)

    @Verb
    def unlock(self, user_id: str) -> Steps[d.User]:
        """Forget the wrong passwords that locked a user out."""
        return ask(d.User, "POST", f"/users/{user_id}/unlock", is_repeatable=True)

    @Verb
    def delete(self, user_id: str) -> Steps[None]:
        """Move a user to the recycle bin."""
        return tell("DELETE", f"/users/{user_id}")

    @Verb
    def restore(self, user_id: str) -> Steps[d.User]:
        """Bring a user back from the recycle bin."""
        return ask(d.User, "POST", f"/users/{user_id}/restore", is_repeatable=True)

    @Verb
    def reset_password(self, user_id: str, password: str, *, must_change: bool = True) -> Steps[None]:
        """Set a password for a user; every session of theirs ends."""
        body = {"password": password, "must_change": must_change}
        return tell("POST", f"/users/{user_id}/reset-password", body=body)

    @Verb
    def end_sessions(self, user_id: str) -> Steps[d.EndedSessions]:
        """End every session and connection of a user."""
        return ask(d.EndedSessions, "DELETE", f"/users/{user_id}/sessions")

    @Verb
    def access(self, user_id: str, path: str) -> Steps[d.Access]:
        """What a user may do in the folder of this path."""
        return ask(d.Access, "GET", f"/users/{user_id}/access", query={"path": path})


class Groups(Noun[Way]):
    """Named sets of users and of other groups."""

    @Verb
    def list(
        self,
        *,
        text: str | None = None,
        name: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.Group]]:
        """A page of groups by name; `name` finds the one of exactly this name."""
        return ask_page(d.Group, "/groups", {"text": text, "name": name, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def get(self, group_id: str) -> Steps[d.Group]:
        """One group by id; raises NotFound."""
        return ask(d.Group, "GET", f"/groups/{group_id}")

    @Verb
    def create(self, values: Values) -> Steps[d.Group]:
        """Make a group; raises Invalid or Duplicate."""
        return create(d.Group, "/groups", values)

    @Verb
    def edit(self, group_id: str, values: Values, *, version: int | None = None) -> Steps[d.Group]:
        """Change some fields; raises Invalid, Duplicate, or Stale when `version` has passed."""
        return change(d.Group, f"/groups/{group_id}", values, version)

    @Verb
    def delete(self, group_id: str) -> Steps[None]:
        """Delete a group with its memberships and grants."""
        return tell("DELETE", f"/groups/{group_id}")


class Memberships(Noun[Way]):
    """Who is in which group."""

    @Verb
    def list(
        self,
        *,
        group_id: str | None = None,
        user_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.Membership]]:
        """A page of memberships, of a group or of a user."""
        query = {"group_id": group_id, "user_id": user_id, "limit": limit, "cursor": cursor}
        return ask_page(d.Membership, "/memberships", query)

    iterate = Walk(list)

    @Verb
    def put(
        self,
        group_id: str,
        member_id: str,
        *,
        member_kind: str = "user",
        is_admin: bool = False,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Steps[d.Membership]:
        """Put a user or group into a group, or change how they are in it."""
        body = {
            "member_kind": member_kind,
            "is_admin": is_admin,
            "starts_at": _time(starts_at),
            "ends_at": _time(ends_at),
        }
        return ask(d.Membership, "PUT", f"/memberships/{group_id}/{member_id}", body=body)

    @Verb
    def remove(self, group_id: str, member_id: str) -> Steps[None]:
        """Take a member out of a group."""
        return tell("DELETE", f"/memberships/{group_id}/{member_id}")


class Folders(Noun[Way]):
    """Folders that have grants, a fence or notes."""

    @Verb
    def list(
        self, *, text: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Steps[Page[d.Folder]]:
        """A page of folders by path."""
        return ask_page(d.Folder, "/folders", {"text": text, "limit": limit, "cursor": cursor})

    iterate = Walk(list)

    @Verb
    def get(self, folder_id: str) -> Steps[d.Folder]:
        """One folder by id; raises NotFound."""
        return ask(d.Folder, "GET", f"/folders/{folder_id}")

    @Verb
    def create(self, values: Values) -> Steps[d.Folder]:
        """Make a folder; raises Invalid or Duplicate."""
        return create(d.Folder, "/folders", values)

    @Verb
    def edit(self, folder_id: str, values: Values, *, version: int | None = None) -> Steps[d.Folder]:
        """Change fence or notes; raises Stale when `version` has passed."""
        return change(d.Folder, f"/folders/{folder_id}", values, version)

    @Verb
    def delete(self, folder_id: str) -> Steps[None]:
        """Forget a folder with its grants; files stay."""
        return tell("DELETE", f"/folders/{folder_id}")


class Grants(Noun[Way]):
    """Permissions on folders."""

    @Verb
    def list(
        self,
        *,
        folder_id: str | None = None,
        subject_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Steps[Page[d.Grant]]:
        """A page of grants, on a folder or of a user or group."""
        query = {"folder_id": folder_id, "subject_id": subject_id, "limit": limit, "cursor": cursor}
        return ask_page(d.Grant, "/grants", query)

    iterate = Walk(list)

    @Verb
    def add(
        self,
        path: str,
        level: str,
        subject_id: str,
        *,
        subject_kind: str = "user",
        is_recursive: bool = True,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Steps[d.Grant]:
        """Grant a level on a folder; raises Invalid or Duplicate."""
        body = {
            "path": path,
            "level": level,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "is_recursive": is_recursive,
            "starts_at": _time(starts_at),
            "ends_at": _time(ends_at),
        }
        return create(d.Grant, "/grants", body)

    @Verb
    def edit(self, grant_id: str, values: Values) -> Steps[d.Grant]:
        """Change level, reach or window."""
        return change(d.Grant, f"/grants/{grant_id}", values)

    @Verb
    def remove(self, grant_id: str) -> Steps[None]:
        """Take a grant away."""
        return tell("DELETE", f"/grants/{grant_id}")


class Me(Noun[Way]):
    """The user whose API key this is."""

    @Verb
    def get(self) -> Steps[d.User]:
        """Who I am."""
        return ask(d.User, "GET", "/me")


class SiteSettings(Noun[Way]):
    """What holds for the whole site."""

    @Verb
    def get(self) -> Steps[d.Settings]:
        """The settings as they are."""
        return ask(d.Settings, "GET", "/settings")

    @Verb
    def edit(self, values: Values) -> Steps[d.Settings]:
        """Change some settings; raises Invalid or NotNow."""
        return change(d.Settings, "/settings", values)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
