"""The pages there are: what the sidebar lists, and what the search box knows by name."""

from dataclasses import dataclass

from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.texts import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its name, where it is, and the right without which it is not offered."""

    name: str
    href: str
    icon: str
    right: Right | None = None
    reach: Reach = Reach.GROUPS
    words: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one heading; the first section has none."""

    name: str
    entries: tuple[Entry, ...]


DASHBOARD = Entry(N_("Dashboard"), "/", "layout-dashboard", Right.USER_READ)
USERS = Entry(N_("Users"), "/users", "users", Right.USER_READ)
GROUPS = Entry(N_("Groups"), "/groups", "users-round", Right.GROUP_READ)
IMPORTS = Entry(N_("Imports"), "/imports", "file-up", Right.IMPORT_READ)
FILES = Entry(N_("Files"), "/files", "folder-open")
FOLDERS = Entry(N_("Folders"), "/folders", "folder-key", Right.FOLDER_READ)
KEYS = Entry(N_("Keys"), "/keys", "key-round", Right.CREDENTIAL_READ)
POLICY = Entry(N_("Sign-in policy"), "/sign-in-policy", "shield-check", Right.SETTINGS_READ)
MAILS = Entry(N_("E-mails"), "/mails", "mail", Right.MAIL_READ)
CONNECTIONS = Entry(N_("Connections"), "/connections", "plug", Right.SESSION_READ)
ACTIVITY = Entry(N_("Activity"), "/activity", "scroll-text", Right.EVENT_READ)
SETTINGS = Entry(N_("Settings"), "/settings", "settings", Right.SETTINGS_READ)
ACCOUNT = Entry(N_("My account"), "/account", "circle-user")

# Found by the search box only: actions, and single settings.
BY_NAME = (
    Entry(N_("Add user"), "/users/new", "user-plus", Right.USER_CREATE),
    Entry(N_("Import users from a file"), "/imports/new", "file-up", Right.IMPORT_RUN),
    Entry(N_("Add group"), "/groups/new", "users-round", Right.GROUP_CREATE),
    Entry(N_("Locked users"), "/users?view=locked", "lock", Right.USER_READ),
    Entry(N_("Recycle bin"), "/users?view=deleted", "trash-2", Right.USER_DELETE),
    Entry(N_("Site name, language and time zone"), "/settings#site", "languages", Right.SETTINGS_READ),
    Entry(N_("Connect a device by its code"), "/device", "laptop", words="desktop cli login oauth"),
    Entry(N_("Password rules"), "/sign-in-policy#passwords", "lock-keyhole", Right.SETTINGS_READ),
    Entry(
        N_("Second factor for everyone"), "/sign-in-policy#two-factor", "shield-check", Right.SETTINGS_READ
    ),
    Entry(N_("Passkeys for sign-in"), "/sign-in-policy#passkeys", "fingerprint-pattern", Right.SETTINGS_READ),
    Entry(
        N_("Lock-out after wrong passwords"), "/sign-in-policy#lockout", "shield-alert", Right.SETTINGS_READ
    ),
    Entry(N_("Length of sessions"), "/sign-in-policy#sessions", "timer", Right.SETTINGS_READ),
    Entry(
        N_("Remembered browsers"),
        "/sign-in-policy#remember_device_days",
        "monitor-check",
        Right.SETTINGS_READ,
    ),
    Entry(N_("Life of SSH and API keys"), "/sign-in-policy#keys", "key-round", Right.SETTINGS_READ),
    Entry(N_("Protocols and allowed addresses"), "/sign-in-policy#doors", "door-open", Right.SETTINGS_READ),
    Entry(N_("Mail server"), "/settings#mail", "mail", Right.SETTINGS_READ),
    Entry(N_("Brake on large changes"), "/settings#brake", "octagon-pause", Right.SETTINGS_READ),
    Entry(N_("Unused SSH keys"), "/keys?view=unused", "key-round", Right.CREDENTIAL_READ),
    Entry(N_("Password and keys"), "/account?tab=security", "key-round"),
    Entry(N_("Two-factor"), "/account/two-factor", "shield-check"),
    Entry(N_("Sessions"), "/account?tab=connections", "monitor-smartphone"),
)
SIDEBAR = (
    Section("", (DASHBOARD, FILES)),
    Section(N_("People"), (USERS, GROUPS, IMPORTS)),
    Section(N_("Access"), (FOLDERS, KEYS, POLICY)),
    Section(N_("Records"), (ACTIVITY, CONNECTIONS, MAILS)),
)
FOOT = (SETTINGS, ACCOUNT)
ALL = tuple(entry for section in SIDEBAR for entry in section.entries) + FOOT
BOTTOM = (DASHBOARD, USERS, GROUPS, ACTIVITY)
BOTTOM_FOR_USERS = (FILES, ACCOUNT)
