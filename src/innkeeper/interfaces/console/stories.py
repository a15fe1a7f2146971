"""Events as sentences: who did what to whom, with what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from innkeeper.domain.events import Recorded
from innkeeper.domain.texts import N_, Translate

SENTENCES: dict[str, tuple[str, str]] = {
    "site.set_up": ("sparkles", N_("%(actor)s set up the site")),
    "settings.edited": ("settings", N_("%(actor)s changed the settings")),
    "user.created": ("user-plus", N_("%(actor)s added the user %(target)s")),
    "user.edited": ("pencil", N_("%(actor)s changed the user %(target)s")),
    "user.suspended": ("user-x", N_("%(actor)s suspended the user %(target)s")),
    "user.reactivated": ("user-check", N_("%(actor)s reactivated the user %(target)s")),
    "user.unlocked": ("lock-open", N_("%(actor)s unlocked the user %(target)s")),
    "user.locked": ("lock", N_("The user %(target)s was locked after too many wrong passwords")),
    "user.deleted": ("trash-2", N_("%(actor)s moved the user %(target)s to the recycle bin")),
    "user.restored": ("undo-2", N_("%(actor)s restored the user %(target)s")),
    "user.invited": ("mail", N_("%(actor)s invited %(target)s to choose a password")),
    "password.changed": ("key-round", N_("%(actor)s changed their password")),
    "password.reset": ("rotate-ccw-key", N_("%(actor)s reset the password of %(target)s")),
    "password.reset_asked": ("mail", N_("A link for a new password was asked for, for %(target)s")),
    "password.expiring": ("hourglass", N_("%(target)s was warned that their password runs out")),
    "factor.added": ("shield-plus", N_("%(actor)s added the second factor %(target)s")),
    "factor.edited": ("pencil", N_("%(actor)s changed the second factor %(target)s")),
    "factor.removed": ("shield-minus", N_("%(actor)s removed the second factor %(target)s")),
    "factor.removal_asked": ("hourglass", N_("%(actor)s asked to remove the second factor %(target)s")),
    "factor.doubted": ("shield-alert", N_("The key %(target)s may have been copied, and was refused")),
    "factor.reset": ("shield-off", N_("%(actor)s removed all second factors of %(target)s")),
    "recovery_code.made": ("refresh-cw", N_("%(actor)s made new recovery codes")),
    "recovery_code.used": ("life-buoy", N_("%(target)s used a recovery code")),
    "device.trusted": ("monitor-check", N_("%(target)s had a browser remembered")),
    "device.forgotten": ("monitor-x", N_("%(actor)s made the site forget a browser of %(target)s")),
    "group.created": ("users-round", N_("%(actor)s added the group %(target)s")),
    "group.edited": ("pencil", N_("%(actor)s changed the group %(target)s")),
    "group.deleted": ("trash-2", N_("%(actor)s deleted the group %(target)s")),
    "membership.added": ("user-plus", N_("%(actor)s added %(member)s to the group %(target)s")),
    "membership.edited": (
        "pencil",
        N_("%(actor)s changed the membership of %(member)s in the group %(target)s"),
    ),
    "membership.removed": ("user-minus", N_("%(actor)s took %(member)s out of the group %(target)s")),
    "folder.created": ("folder-plus", N_("%(actor)s listed the folder %(target)s")),
    "folder.edited": ("folder-pen", N_("%(actor)s changed the folder %(target)s")),
    "folder.deleted": ("folder-x", N_("%(actor)s took the folder %(target)s off the list")),
    "grant.added": ("folder-key", N_("%(actor)s granted %(subject)s access to %(target)s")),
    "grant.edited": ("folder-key", N_("%(actor)s changed the access of %(subject)s to %(target)s")),
    "grant.removed": ("folder-x", N_("%(actor)s took away access of %(subject)s to %(target)s")),
    "ssh_key.added": ("key-round", N_("%(actor)s added the SSH key %(target)s")),
    "ssh_key.edited": ("pencil", N_("%(actor)s changed the SSH key %(target)s")),
    "ssh_key.removed": ("key-round", N_("%(actor)s removed the SSH key %(target)s")),
    "api_key.created": ("zap", N_("%(actor)s made the API key %(target)s")),
    "api_key.edited": ("pencil", N_("%(actor)s changed the API key %(target)s")),
    "api_key.revoked": ("zap-off", N_("%(actor)s revoked the API key %(target)s")),
    "login.succeeded": ("log-in", N_("%(target)s signed in")),
    "login.failed": ("shield-alert", N_("Someone failed to sign in as %(target)s")),
    "session.proved": ("shield-check", N_("%(actor)s showed again who they are")),
    "session.ended": ("log-out", N_("A session ended")),
    "desktop.approved": ("monitor-check", N_("%(actor)s let in the program %(client)s")),
    "desktop.denied": ("monitor-x", N_("%(actor)s turned away the program %(client)s")),
    "desktop.token_reused": (
        "shield-alert",
        N_("A spent token of %(client)s came again; its connection ended"),
    ),
    "mail.queued": ("mail", N_("A mail to %(target)s was queued")),
    "notification.added": ("bell", N_("%(actor)s lets %(subject)s hear of %(target)s")),
    "notification.edited": ("bell", N_("%(actor)s changed what %(subject)s hears of %(target)s")),
    "notification.removed": ("bell-off", N_("%(actor)s lets %(subject)s hear no more of %(target)s")),
    "notification.refused": ("bell-off", N_("%(subject)s wants to hear no more of %(target)s")),
    "mail.failed": ("mail-x", N_("A mail to %(target)s could not be sent")),
    "connection.opened": ("plug", N_("%(actor)s opened a connection")),
    "connection.ended": ("unplug", N_("A connection ended")),
    "connection.end_asked": ("unplug", N_("%(actor)s ended a connection")),
    "file.uploaded": ("file-up", N_("%(actor)s uploaded %(target)s")),
    "file.downloaded": ("file-down", N_("%(actor)s downloaded %(target)s")),
    "file.deleted": ("file-x", N_("%(actor)s deleted %(target)s")),
    "file.moved": ("file-symlink", N_("%(actor)s moved %(target)s")),
    "file.folder_made": ("folder-plus", N_("%(actor)s made the folder %(target)s")),
    "file.folder_removed": ("folder-minus", N_("%(actor)s removed the folder %(target)s")),
    "import.planned": ("file-search", N_("%(actor)s prepared an import")),
    "import.started": ("file-up", N_("%(actor)s started an import")),
    "import.finished": ("file-check", N_("An import finished")),
    "import.stopped": ("file-x", N_("An import was stopped")),
}
KINDS = {
    "login.": N_("Sign-ins"),
    "user.": N_("Users"),
    "factor.": N_("Second factors"),
    "recovery_code.": N_("Recovery codes"),
    "group.": N_("Groups"),
    "membership.": N_("Memberships"),
    "folder.": N_("Folders"),
    "grant.": N_("Folder access"),
    "ssh_key.": N_("SSH keys"),
    "api_key.": N_("API keys"),
    "password.": N_("Passwords"),
    "session.": N_("Sessions"),
    "device.": N_("Known browsers"),
    "desktop.": N_("Desktop connections"),
    "connection.": N_("Connections"),
    "file.": N_("Files"),
    "mail.": N_("E-mails"),
    "import.": N_("Imports"),
    "settings.": N_("Settings"),
}
REASONS = {
    "unknown_user": N_("unknown user name"),
    "wrong_password": N_("wrong password"),
    "wrong_key": N_("wrong key"),
    "wrong_second_factor": N_("wrong second factor"),
    "second_factor_missing": N_("a second factor has to be set up first"),
    "deleted": N_("the user is deleted"),
    "suspended": N_("the user is suspended"),
    "expired": N_("access has ended"),
    "did_not_sign_in_by_the_date": N_("did not sign in by the date set"),
    "locked": N_("the user is locked"),
    "protocol_not_allowed": N_("this protocol is not allowed"),
    "address_not_allowed": N_("this address is not allowed"),
    "password_must_be_changed": N_("the password must be changed first"),
    "credential_removed": N_("the key was removed"),
    "session_ended": N_("the session has ended"),
    "unused": N_("unused for too long"),
    "too_old": N_("older than the site allows"),
    "signed_out": N_("signed out"),
    "revoked": N_("ended by a person"),
    "token_reused": N_("its token was used twice"),
    "password_changed": N_("the password was changed"),
    "whoever applied this import may no longer do so": N_("whoever applied this import may no longer do so"),
}
SYSTEM = N_("The system")
NOBODY = N_("Someone")


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after, as text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Story:
    """One event as a line of the log."""

    at: datetime
    icon: str
    sentence: str
    reason: str
    changes: Sequence[Change]
    event: Recorded


def tell(event: Recorded, translate: Translate) -> Story:
    """The event in the reader's language."""
    icon, sentence = SENTENCES[event.kind.value]
    values = {
        "actor": _actor(event, translate),
        "target": event.target.name or event.target.id,
        "member": text_of(event.data.get("member")) or translate(NOBODY),
        "subject": text_of(event.data.get("subject")) or translate(NOBODY),
        "client": text_of(event.data.get("client")) or translate(NOBODY),
    }
    return Story(
        event.at, icon, translate(sentence) % values, _reason(event, translate), changes(event), event
    )


def changes(event: Recorded) -> list[Change]:
    """What differs; a creation has no before, a removal no after."""
    names = list(dict.fromkeys([*event.before, *event.after]))
    return [Change(name, text_of(event.before.get(name)), text_of(event.after.get(name))) for name in names]


def _actor(event: Recorded, translate: Translate) -> str:
    if event.actor_kind == "system":
        return translate(SYSTEM)
    return event.actor_name or translate(NOBODY)


def _reason(event: Recorded, translate: Translate) -> str:
    reason = text_of(event.data.get("reason"))
    return translate(REASONS[reason]) if reason in REASONS else reason


def text_of(value: object) -> str:
    """A stored value as people read it."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, list | tuple):
        return ", ".join(text_of(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {text_of(item)}" for name, item in value.items())
    return str(value)
