"""The words for codes. Codes are stored and compared; these are only shown, in the reader's language."""

from innkeeper.domain.factors import Factor
from innkeeper.domain.texts import N_
from innkeeper.domain.words import FactorKind

STATUSES = {
    "active": N_("Active"),
    "invited": N_("Invited"),
    "suspended": N_("Suspended"),
    "expired": N_("Expired"),
    "inactive": N_("Missed sign-in date"),
    "locked": N_("Locked"),
    "deleted": N_("Deleted"),
}
METHODS = {
    "password": N_("Password"),
    "email_signup": N_("Password, chosen by e-mail link"),
    "sso": N_("Single sign-on"),
    "ldap": N_("Directory (LDAP)"),
    "none": N_("SSH key only"),
    "password_and_ssh_key": N_("Password and SSH key"),
    "password_with_imported_hash": N_("Password, imported hash"),
}
SHORT_METHODS = METHODS | {
    "email_signup": N_("E-mail link"),
    "password_with_imported_hash": N_("Imported hash"),
}
FACTOR_KINDS = {
    "totp": N_("Code from an app"),
    "webauthn": N_("Security key or passkey"),
    "email": N_("Code by e-mail"),
}
# How many kinds of characters a password mixes, and how hard it is to guess.
CLASSES = (
    ("0", N_("Any characters")),
    ("1", N_("One kind")),
    ("2", N_("Two kinds")),
    ("3", N_("Three kinds")),
    ("4", N_("All four kinds")),
)
STRENGTHS = (
    ("0", N_("Anything")),
    ("1", N_("Not guessed at once")),
    ("2", N_("Withstands guessing on the sign-in page")),
    ("3", N_("Withstands theft of slow hashes")),
    ("4", N_("Very hard to guess")),
)
PROTOCOLS = {
    "sftp": "SFTP",
    "ftps": "FTPS",
    "webdav": "WebDAV",
    "web": N_("Web"),
    "api": "API",
    "desktop": N_("Desktop"),
}
INTERFACES = PROTOCOLS | {
    "rest": "API",
    "console": N_("Web console"),
    "cli": N_("Command line"),
    "scim": "SCIM",
    "system": N_("System"),
    "job": N_("Background job"),
}
ROLES = {
    "site_administrator": N_("Site administrator"),
    "read_only_administrator": N_("Read-only administrator"),
    "group_administrator": N_("Group administrator"),
    "user": N_("User"),
}
LEVELS = {
    "list": N_("List"),
    "read": N_("Read"),
    "write": N_("Write"),
    "upload": N_("Upload only"),
    "readwrite": N_("Read and write"),
    "full": N_("Full"),
    "share": N_("Share"),
    "history": N_("History"),
    "admin": N_("Administer"),
}
SOURCES = {
    "manual": N_("By hand"),
    "csv": N_("Import"),
    "api": "API",
    "request": N_("Request"),
    "ldap": "LDAP",
    "scim": "SCIM",
    "sso": N_("Single sign-on"),
    "yaml": "YAML",
}
SOURCE_ICONS = {
    "manual": "pencil",
    "csv": "file-spreadsheet",
    "api": "zap",
    "request": "inbox",
    "ldap": "folder-sync",
    "scim": "arrow-left-right",
    "sso": "key-round",
    "yaml": "file-code",
}
ABILITIES = {
    "list": N_("List"),
    "preview": N_("Preview"),
    "read": N_("Download"),
    "create": N_("Upload"),
    "modify": N_("Change"),
    "delete": N_("Delete"),
    "share": N_("Share"),
    "history": N_("See history"),
    "admin": N_("Administer"),
}
FACTORS = {
    "totp": N_("App"),
    "email": N_("E-mail"),
    "passkey": N_("Passkey"),
    "security_key": N_("Security key"),
}
FACTOR_ICONS = {
    "totp": "smartphone",
    "email": "mail",
    "passkey": "fingerprint-pattern",
    "security_key": "usb",
}
KEY_KINDS = {
    "ed25519": N_("Ed25519, short and fast"),
    "ecdsa": N_("ECDSA, where Ed25519 is not known"),
    "rsa": N_("RSA, for old programs"),
}
ALGORITHMS = {
    "ssh-ed25519": "Ed25519",
    "ssh-rsa": "RSA",
    "ecdsa-sha2-nistp256": "ECDSA",
    "ecdsa-sha2-nistp384": "ECDSA",
    "ecdsa-sha2-nistp521": "ECDSA",
    "sk-ssh-ed25519@openssh.com": "Ed25519",
    "sk-ecdsa-sha2-nistp256@openssh.com": "ECDSA",
}
SCOPES = {
    "users:read": N_("See users"),
    "users:write": N_("Add, change, suspend and delete users"),
    "roles:write": N_("Make administrators"),
    "credentials:read": N_("See SSH and API keys"),
    "credentials:write": N_("Add, change and remove SSH and API keys"),
    "passwords:write": N_("Reset passwords and second factors"),
    "groups:read": N_("See groups and who is in them"),
    "groups:write": N_("Change groups and who is in them"),
    "folders:read": N_("See folders and who may use them"),
    "folders:write": N_("Change folders and who may use them"),
    "sessions:read": N_("See sessions and connections"),
    "sessions:write": N_("End sessions and connections"),
    "events:read": N_("See the activity"),
    "mails:read": N_("See the e-mails"),
    "imports:read": N_("See imports"),
    "imports:write": N_("Import users, with all that a file can set"),
    "settings:read": N_("See the settings"),
    "settings:write": N_("Change the settings"),
    "files:read": N_("Download files"),
    "files:write": N_("Upload and change files"),
}


def factor_kind(factor: Factor) -> str:
    """What kind of second factor it is."""
    return FACTORS[_kind_of(factor)]


def factor_icon(factor: Factor) -> str:
    """The drawing of its kind."""
    return FACTOR_ICONS[_kind_of(factor)]


def _kind_of(factor: Factor) -> str:
    if factor.kind is not FactorKind.WEBAUTHN:
        return factor.kind.value
    return "passkey" if factor.is_passkey else "security_key"
