"""Users."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, Unpack

from innkeeper_client.admission import Admission
from innkeeper_client.errors import NotFound
from innkeeper_client.grants import Grant
from innkeeper_client.reading import Page, plain
from innkeeper_client.steps import Steps, ask, ask_page, at, change, create, tell
from innkeeper_client.verbs import Noun, Verb, Walk, Way
from innkeeper_client.words import AuthenticationMethod, Moment, Protocol, Role, Status, UserSort, iso


@dataclass(frozen=True, slots=True)
class Bypass:
    """Why, and until when, lifecycle rules leave a user alone."""

    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user. No secret is ever part of it."""

    id: str
    status: str
    username: str
    name: str
    email: str
    company: str
    notes: str
    tags: tuple[str, ...]
    language: str
    time_zone: str
    header_text: str
    authentication_method: str
    has_password: bool
    password_changed_at: datetime | None
    password_expires_at: datetime | None
    require_password_change: bool
    password_validity_days: int | None
    access_expires_at: datetime | None
    require_login_by: datetime | None
    disabled: bool
    suspended_at: datetime | None
    suspend_reason: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    primary_group: str | None
    user_root: str
    user_home: str
    protocols: tuple[str, ...] | None
    allowed_ips: tuple[str, ...]
    bypass_site_allowed_ips: bool
    require_2fa: bool | None
    bypass_lifecycle_rules: Bypass | None
    notification_preferences: Mapping[str, Any]
    ssh_keys: tuple[str, ...]
    grants: tuple[str, ...]
    external_ids: Mapping[str, str]
    attributes: Mapping[str, Any]
    source: str
    locked_until: datetime | None
    last_login_at: datetime | None
    last_active_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int


class NewBypass(TypedDict, total=False):
    """Leaves a user out of lifecycle rules; the reason is needed."""

    reason: str
    until: Moment | None


class UserFields(TypedDict, total=False):
    """The fields of a user that can be set, beside the user name. What is absent stays as it is."""

    name: str
    email: str
    company: str
    notes: str
    tags: Sequence[str]
    language: str
    time_zone: str
    header_text: str
    authentication_method: AuthenticationMethod
    password: str | None
    imported_password_hash: str | None
    require_password_change: bool
    password_validity_days: int | None
    access_expires_at: Moment | None
    require_login_by: Moment | None
    disabled: bool
    roles: Sequence[Role]
    groups: Sequence[str]
    primary_group: str | None
    user_root: str
    user_home: str
    protocols: Sequence[Protocol] | None
    allowed_ips: Sequence[str]
    bypass_site_allowed_ips: bool
    require_2fa: bool | None
    bypass_lifecycle_rules: NewBypass | None
    notification_preferences: Mapping[str, Any]
    ssh_keys: Sequence[str]
    grants: Sequence[str]
    external_ids: Mapping[str, str]
    attributes: Mapping[str, Any]


class ChangedUserFields(UserFields, total=False):
    """The same with the user name."""

    username: str


@dataclass(frozen=True, slots=True)
class Access:
    """What a user may do in one folder, and all the grants from which their access follows."""

    path: str
    abilities: tuple[str, ...]
    may_enter: bool
    grants: tuple[Grant, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResetFactors:
    """How many second factors a user had, and has no more."""

    removed: int


@dataclass(frozen=True, slots=True)
class GeneratedPassword:
    """A password that the server has made and set."""

    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndedSessions:
    """How many sessions were open, and are no more."""

    ended: int


class Users(Noun[Way]):
    """The people of the site."""

    @Verb
    def list(
        self,
        *,
        text: str = "",
        status: Sequence[Status] = (),
        group: Sequence[str] = (),
        source: Sequence[str] = (),
        method: Sequence[AuthenticationMethod] = (),
        role: Sequence[str] = (),
        tag: Sequence[str] = (),
        email: str = "",
        expires_before: Moment | None = None,
        sort: UserSort = "name",
        limit: int = 100,
        cursor: str | None = None,
    ) -> Steps[Page[User]]:
        """Answer a page of users that you may see. `group`: ids; without a status, all but deleted ones."""
        several = {"status": status, "group": group, "source": source, "method": method}
        query = {"text": text, "role": role, "tag": tag, "email": email, **several}
        order = {"expires_before": iso(expires_before), "sort": sort, "limit": limit, "cursor": cursor}
        return ask_page(User, "/users", query | order)

    iterate = Walk(list)

    @Verb
    def get(self, user_id: str) -> Steps[User]:
        """Answer a user by id, deleted ones included."""
        return ask(User, "GET", at("users", user_id))

    @Verb
    def find(self, username: str) -> Steps[User]:
        """Answer a user by user name, whatever its case; raises NotFound."""
        page = yield from ask_page(User, "/users", {"username": username})
        if not page.items:
            raise NotFound(f"user {username!r} does not exist", code="not_found")
        return page.items[0]

    @Verb
    def create(self, username: str, **fields: Unpack[UserFields]) -> Steps[User]:
        """Make a user, with groups, grants, SSH keys and password when they are given."""
        return create(User, "/users", {"username": username, **plain(fields)})

    @Verb
    def edit(
        self, user_id: str, *, version: int | None = None, **fields: Unpack[ChangedUserFields]
    ) -> Steps[User]:
        """Change the fields that are given; with `version` only if the user is still that one, else Stale."""
        return change(User, at("users", user_id), plain(fields), version)

    @Verb
    def clone(self, user_id: str, username: str, **fields: Unpack[UserFields]) -> Steps[User]:
        """Make a user with the settings, groups and grants of this one, but for the fields given."""
        return create(User, at("users", user_id, "clone"), {"username": username, **plain(fields)})

    @Verb
    def suspend(self, user_id: str, reason: str = "") -> Steps[User]:
        """Disable a user and end every session and connection. Nothing if already so."""
        return _to_state(user_id, "suspend", {"reason": reason})

    @Verb
    def reactivate(self, user_id: str) -> Steps[User]:
        """Enable a suspended user. Nothing if not suspended."""
        return _to_state(user_id, "reactivate")

    @Verb
    def unlock(self, user_id: str) -> Steps[User]:
        """Forget the wrong passwords that locked a user out. Nothing if not locked."""
        return _to_state(user_id, "unlock")

    @Verb
    def delete(self, user_id: str) -> Steps[None]:
        """Move a user to the recycle bin; out at once, whole again when restored."""
        return tell("DELETE", at("users", user_id))

    @Verb
    def restore(self, user_id: str) -> Steps[User]:
        """Bring a user back from the recycle bin. Nothing if not there."""
        return _to_state(user_id, "restore")

    @Verb
    def reset_password(self, user_id: str, password: str, *, must_change: bool = True) -> Steps[None]:
        """Set a user's password for them; every session and connection of theirs ends."""
        body = {"password": password, "must_change": must_change}
        return tell("POST", at("users", user_id, "reset-password"), body=body)

    @Verb
    def generate_password(self, user_id: str, *, must_change: bool = True) -> Steps[str]:
        """Set a password made by chance, and answer it this once; every session of theirs ends."""
        body = {"must_change": must_change}
        made = yield from ask(GeneratedPassword, "POST", at("users", user_id, "generate-password"), body=body)
        return made.password

    @Verb
    def send_password_link(self, user_id: str) -> Steps[None]:
        """Mail a user a link with which they choose a new password; the old one works until then."""
        return tell("POST", at("users", user_id, "send-password-link"))

    @Verb
    def invite(self, user_id: str) -> Steps[None]:
        """Mail a user the link to their first password once more; the link before stops working."""
        return tell("POST", at("users", user_id, "invite"))

    @Verb
    def reset_2fa(self, user_id: str) -> Steps[int]:
        """Take all second factors of a user away; their sessions end. Answers how many there were."""
        answer = yield from ask(ResetFactors, "POST", at("users", user_id, "reset-2fa"), is_repeatable=True)
        return answer.removed

    @Verb
    def end_sessions(
        self, user_id: str, *, interface: Protocol | None = None, keep_own: bool = False
    ) -> Steps[int]:
        """End every open session of a user, or those at one interface; answers how many."""
        query: dict[str, Any] = {"keep_own": keep_own} | ({"interface": interface} if interface else {})
        ended = yield from ask(EndedSessions, "DELETE", at("users", user_id, "sessions"), query=query)
        return ended.ended

    @Verb
    def access(self, user_id: str, path: str = "/") -> Steps[Access]:
        """Answer what a user may do in a folder, and why."""
        return ask(Access, "GET", at("users", user_id, "access"), query={"path": path})

    @Verb
    def admission(self, user_id: str, interface: Protocol, address: str) -> Steps[Admission]:
        """Answer whether a user could come in at a door from an address now, and whose lists decide."""
        query = {"interface": interface, "address": address}
        return ask(Admission, "GET", at("users", user_id, "admission"), query=query)


def _to_state(user_id: str, verb: str, body: Mapping[str, str] | None = None) -> Steps[User]:
    """These verbs ask for a state, so that twice is the same as once."""
    return ask(User, "POST", at("users", user_id, verb), body=body, is_repeatable=True)
