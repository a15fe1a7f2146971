"""How a user looks on the wire: what is sent to make or change one, and what comes back."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from innkeeper.actions.portraits import Portrait
from innkeeper.domain.fields import GRANTABLE_ROLES, LANGUAGES
from innkeeper.domain.words import AuthenticationMethod, Protocol, Role, Source, Status
from innkeeper.interfaces.rest.bodies import DocumentedBy

GRANT_FORM = "`/path:level`, with `:only` behind it to leave the folders below out"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl bob@laptop"
GrantableRole = Annotated[str, Field(json_schema_extra={"enum": [role.value for role in GRANTABLE_ROLES]})]
Moment = Annotated[
    str,
    Field(
        description="A date (the end of that day in the site's time zone) or a time with its offset.",
        examples=["2027-03-31", "2027-03-31T18:00:00+02:00"],
    ),
]


class LifecycleBypassDocument(BaseModel):
    """Leaves a user out of lifecycle rules."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500, examples=["on parental leave"])
    until: Moment | None = None


class UserFields(BaseModel):
    """The fields of a user that can be set. What is absent stays as it is."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field("", min_length=1, max_length=128, pattern=r"^[^\s/\\:]+$", examples=["bob"])
    name: str = Field("", max_length=200, examples=["Bob Byron"])
    email: str = Field("", max_length=254, examples=["bob@example.com"])
    company: str = Field("", max_length=200)
    notes: str = Field("", max_length=10_000)
    tags: list[str] = Field([], examples=[["partner"]])
    language: str = Field("", json_schema_extra={"enum": ["", *LANGUAGES]})
    time_zone: str = Field("", description="An IANA zone.", examples=["Europe/Berlin"])
    header_text: str = Field("", max_length=1000)
    authentication_method: AuthenticationMethod = AuthenticationMethod.PASSWORD
    password: str | None = Field(None, max_length=1024, description="Never shown again.")
    imported_password_hash: str | None = Field(
        None,
        max_length=512,
        description="As another product stored it; for the method `password_with_imported_hash`. Passed over "
        "once the user has signed in or has another password. Never shown again.",
        examples=["$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"],
    )
    require_password_change: bool = False
    password_validity_days: int | None = Field(None, ge=1, le=36_500)
    access_expires_at: Moment | None = None
    require_login_by: Moment | None = None
    disabled: bool = Field(False, description="True suspends, false reactivates.")
    roles: list[GrantableRole] = []
    groups: list[str] = Field([], description="Names of groups; the list replaces the one before.")
    primary_group: str | None = Field(None, description="Name of a group.")
    user_root: str = Field("/", examples=["/partners/bob"])
    user_home: str = Field("/", examples=["/"])
    protocols: list[Protocol] | None = Field(None, description="null leaves it to groups and site.")
    allowed_ips: list[str] = Field([], examples=[["203.0.113.7", "2001:db8::/32"]])
    bypass_site_allowed_ips: bool = False
    require_2fa: bool | None = Field(None, description="null leaves it to groups and site.")
    bypass_lifecycle_rules: LifecycleBypassDocument | None = None
    notification_preferences: dict[str, Any] = Field({}, max_length=100)
    ssh_keys: list[str] = Field([], description="OpenSSH public key lines.", examples=[[KEY]])
    grants: list[str] = Field([], description=GRANT_FORM, examples=[["/projects/a:read"]])
    external_ids: dict[str, str] = Field({}, max_length=100, examples=[{"okta": "00u1"}])
    attributes: dict[str, Any] = Field({}, max_length=100, description="Whatever you want to keep here.")


class NewUserFields(UserFields):
    """The fields of a new user; only the user name is needed."""

    username: str = Field(min_length=1, max_length=128, pattern=r"^[^\s/\\:]+$", examples=["bob"])


class CloneFields(UserFields):
    """What shall differ from the user that is cloned; a user name is needed."""

    username: str = Field(min_length=1, max_length=128, pattern=r"^[^\s/\\:]+$", examples=["bob2"])


UserValues = Annotated[dict[str, Any], DocumentedBy(UserFields)]
NewUserValues = Annotated[dict[str, Any], DocumentedBy(NewUserFields)]
CloneValues = Annotated[dict[str, Any], DocumentedBy(CloneFields)]


class BypassDocument(BaseModel):
    """Why, and until when, lifecycle rules leave this user alone."""

    reason: str
    until: datetime | None


class UserDocument(BaseModel):
    """A user. No secret is ever part of it."""

    id: str
    status: Status = Field(description="Computed from dates, locks and switches.")
    username: str
    name: str
    email: str
    company: str
    notes: str
    tags: list[str]
    language: str
    time_zone: str
    header_text: str
    authentication_method: AuthenticationMethod
    has_password: bool
    password_changed_at: datetime | None
    password_expires_at: datetime | None = Field(description="By the user's own rule or the site's.")
    require_password_change: bool
    password_validity_days: int | None
    access_expires_at: datetime | None
    require_login_by: datetime | None
    disabled: bool
    suspended_at: datetime | None
    suspend_reason: str
    roles: list[Role]
    groups: list[str] = Field(description="Names of the groups that the reader may see.")
    primary_group: str | None
    user_root: str
    user_home: str
    protocols: list[str] | None
    allowed_ips: list[str]
    bypass_site_allowed_ips: bool
    require_2fa: bool | None
    bypass_lifecycle_rules: BypassDocument | None
    notification_preferences: dict[str, Any]
    ssh_keys: list[str]
    grants: list[str] = Field(description=GRANT_FORM)
    external_ids: dict[str, str]
    attributes: dict[str, Any]
    source: Source
    locked_until: datetime | None
    last_login_at: datetime | None
    last_active_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int = Field(description="Counts changes; the number in the ETag.")


OWN_VALUES = tuple(
    name
    for name in UserDocument.model_fields
    if name
    not in {
        "status",
        "has_password",
        "password_expires_at",
        "groups",
        "primary_group",
        "grants",
        "ssh_keys",
        "bypass_lifecycle_rules",
    }
)


def user_document(portrait: Portrait, now: datetime) -> UserDocument:
    """A user as the API shows them."""
    user = portrait.user
    bypass = user.bypass_lifecycle_rules
    return UserDocument(
        **{name: getattr(user, name) for name in OWN_VALUES},
        status=user.status(now),
        has_password=bool(user.password_hash),
        password_expires_at=portrait.password_expires_at,
        groups=list(portrait.groups),
        primary_group=portrait.primary_group,
        grants=list(portrait.grants),
        ssh_keys=list(portrait.ssh_keys),
        bypass_lifecycle_rules=BypassDocument(reason=bypass.reason, until=bypass.until) if bypass else None,
    )
