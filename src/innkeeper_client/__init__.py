"""The typed client of the Innkeeper API.

    with Client("https://files.example.com", "ink_…") as innkeeper:
        for user in innkeeper.users.iterate(status=["suspended"]):
            print(user.username, user.suspend_reason)

`AsyncClient` has the same nouns and verbs, to be awaited.
"""

from innkeeper_client.client import AsyncClient, Client
from innkeeper_client.errors import (
    BadAnswer,
    Braked,
    CannotConnect,
    Duplicate,
    Forbidden,
    InnkeeperError,
    Invalid,
    NotFound,
    NotNow,
    Problem,
    Stale,
    TooManyAttempts,
    Unauthenticated,
)
from innkeeper_client.reading import Page

__all__ = [
    "AsyncClient",
    "BadAnswer",
    "Braked",
    "CannotConnect",
    "Client",
    "Duplicate",
    "Forbidden",
    "InnkeeperError",
    "Invalid",
    "NotFound",
    "NotNow",
    "Page",
    "Problem",
    "Stale",
    "TooManyAttempts",
    "Unauthenticated",
]
