"""The typed client of the Innkeeper API; it knows the API and nothing of the server's code.

    with Client("ink_…", "https://files.example.com") as client:
        for user in client.users.iterate(status=["locked"]):
            client.users.unlock(user.id)

`AsyncClient` has the same nouns and verbs, to be awaited. What the server refuses is an InnkeeperError.

Without an API key, a user can let a program in by a code that they type in their browser:

    login = KeptLogin(Path("~/.config/acme/login.json").expanduser())
    with Client(server="https://files.example.com") as client:
        code = client.logins.begin("Acme sync")
        print(code.verification_uri, code.user_code)
        login.keep(client.logins.wait(code))
    with Client(server="https://files.example.com", login=login) as client:
        print(client.me.get().username)
"""

from innkeeper_client.admission import Admission, Ruler
from innkeeper_client.api_keys import ApiKey, NewApiKey
from innkeeper_client.client import AsyncClient, Client
from innkeeper_client.connections import Connection
from innkeeper_client.errors import (
    BadAnswer,
    Braked,
    CannotConnect,
    Duplicate,
    Forbidden,
    InnkeeperError,
    Invalid,
    LoginRefused,
    NotFound,
    NotNow,
    Problem,
    Stale,
    TooManyAttempts,
    Unauthenticated,
)
from innkeeper_client.events import Event, Target
from innkeeper_client.factors import BegunFactor, ConfirmedFactor, Factor
from innkeeper_client.files import File
from innkeeper_client.folders import Folder
from innkeeper_client.grants import Grant
from innkeeper_client.groups import Group
from innkeeper_client.kept_logins import KeptLogin, Tokens
from innkeeper_client.logins import DeviceCode
from innkeeper_client.mails import Letter, Mail
from innkeeper_client.memberships import Membership
from innkeeper_client.notifications import Notification
from innkeeper_client.plans import Brake, Change, Counts, Options, Plan
from innkeeper_client.reading import Page, plain
from innkeeper_client.sessions import Session
from innkeeper_client.settings import SiteSettings
from innkeeper_client.ssh_keys import NewSshKey, SshKey
from innkeeper_client.users import Access, Bypass, User

__all__ = [
    "Access",
    "Admission",
    "ApiKey",
    "AsyncClient",
    "BadAnswer",
    "BegunFactor",
    "Brake",
    "Braked",
    "Bypass",
    "CannotConnect",
    "Change",
    "Client",
    "ConfirmedFactor",
    "Connection",
    "Counts",
    "DeviceCode",
    "Duplicate",
    "Event",
    "Factor",
    "File",
    "Folder",
    "Forbidden",
    "Grant",
    "Group",
    "InnkeeperError",
    "Invalid",
    "KeptLogin",
    "Letter",
    "LoginRefused",
    "Mail",
    "Membership",
    "NewApiKey",
    "NewSshKey",
    "NotFound",
    "NotNow",
    "Notification",
    "Options",
    "Page",
    "Plan",
    "Problem",
    "Ruler",
    "Session",
    "SiteSettings",
    "SshKey",
    "Stale",
    "Target",
    "Tokens",
    "TooManyAttempts",
    "Unauthenticated",
    "User",
    "plain",
]
