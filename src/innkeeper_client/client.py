"""The two clients: `Client` blocks, `AsyncClient` awaits; both know the same nouns and verbs."""

from types import TracebackType
from typing import Generic, Self

import httpx

from innkeeper_client.api_keys import ApiKeys
from innkeeper_client.connections import Connections
from innkeeper_client.events import Events
from innkeeper_client.factors import Factors
from innkeeper_client.files import Files
from innkeeper_client.folders import Folders
from innkeeper_client.grants import Grants
from innkeeper_client.groups import Groups
from innkeeper_client.imports import Imports
from innkeeper_client.kept_logins import KeptLogin
from innkeeper_client.logins import Logins
from innkeeper_client.mails import Mails
from innkeeper_client.me import Me
from innkeeper_client.memberships import Memberships
from innkeeper_client.notifications import Notifications
from innkeeper_client.plans import Plans
from innkeeper_client.sessions import Sessions
from innkeeper_client.settings import Settings
from innkeeper_client.ssh_keys import SshKeys
from innkeeper_client.transport import Later, Now, http_options
from innkeeper_client.users import Users
from innkeeper_client.verbs import Way

DEFAULT_SERVER = "http://127.0.0.1:8080"
TIMEOUT = 60.0


class Nouns(Generic[Way]):
    """Everything that the API knows."""

    def __init__(self, way: Way) -> None:
        self.logins: Logins[Way] = Logins(way)
        self.me: Me[Way] = Me(way)
        self.users: Users[Way] = Users(way)
        self.groups: Groups[Way] = Groups(way)
        self.memberships: Memberships[Way] = Memberships(way)
        self.folders: Folders[Way] = Folders(way)
        self.files: Files[Way] = Files(way)
        self.grants: Grants[Way] = Grants(way)
        self.ssh_keys: SshKeys[Way] = SshKeys(way)
        self.api_keys: ApiKeys[Way] = ApiKeys(way)
        self.factors: Factors[Way] = Factors(way)
        self.sessions: Sessions[Way] = Sessions(way)
        self.connections: Connections[Way] = Connections(way)
        self.events: Events[Way] = Events(way)
        self.settings: Settings[Way] = Settings(way)
        self.imports: Imports[Way] = Imports(way)
        self.plans: Plans[Way] = Plans(way)
        self.mails: Mails[Way] = Mails(way)
        self.notifications: Notifications[Way] = Notifications(way)


class Client(Nouns[Now]):
    """A client of an Innkeeper server; its verbs answer when they are done.

    It comes with an API key, or with a login that was kept by `KeptLogin`, and which it renews by itself.
    Requests that can do no harm twice are sent again after a trouble; `timeout` is in seconds for each.
    """

    def __init__(
        self,
        api_key: str = "",
        server: str = DEFAULT_SERVER,
        *,
        login: KeptLogin | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._http = httpx.Client(**http_options(server, api_key, login, timeout))
        super().__init__(Now(self._http))

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Nouns[Later]):
    """A client of an Innkeeper server for asyncio; its verbs are awaited.

    It comes with an API key, or with a login that was kept by `KeptLogin`, and which it renews by itself.
    Requests that can do no harm twice are sent again after a trouble; `timeout` is in seconds for each.
    """

    def __init__(
        self,
        api_key: str = "",
        server: str = DEFAULT_SERVER,
        *,
        login: KeptLogin | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._http = httpx.AsyncClient(**http_options(server, api_key, login, timeout))
        super().__init__(Later(self._http))

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
