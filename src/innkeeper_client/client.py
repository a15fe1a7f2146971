"""The two clients: one blocks, the other awaits; all else they share."""

from types import TracebackType
from typing import Generic

import httpx

from innkeeper_client.credentials import ApiKeys, Connections, Events, Sessions, SshKeys
from innkeeper_client.nouns import Folders, Grants, Groups, Me, Memberships, SiteSettings, Users
from innkeeper_client.plans import Imports, Plans
from innkeeper_client.transport import Later, Now, http_options
from innkeeper_client.verbs import Way

TIMEOUT = 30.0


class Nouns(Generic[Way]):
    """Everything that the API knows, reached in one way."""

    def __init__(self, way: Way) -> None:
        self.me: Me[Way] = Me(way)
        self.users: Users[Way] = Users(way)
        self.groups: Groups[Way] = Groups(way)
        self.memberships: Memberships[Way] = Memberships(way)
        self.folders: Folders[Way] = Folders(way)
        self.grants: Grants[Way] = Grants(way)
        self.ssh_keys: SshKeys[Way] = SshKeys(way)
        self.api_keys: ApiKeys[Way] = ApiKeys(way)
        self.sessions: Sessions[Way] = Sessions(way)
        self.connections: Connections[Way] = Connections(way)
        self.events: Events[Way] = Events(way)
        self.settings: SiteSettings[Way] = SiteSettings(way)
        self.imports: Imports[Way] = Imports(way)
        self.plans: Plans[Way] = Plans(way)


class Client(Nouns[Now]):
    """Speaks to a server and waits for each answer. Use it with `with`, or `close` it."""

    def __init__(self, server: str, api_key: str, *, timeout: float = TIMEOUT) -> None:
        self._http = httpx.Client(**http_options(server, api_key, timeout))
        super().__init__(Now(self._http))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Nouns[Later]):
    """Speaks to a server and lets others run meanwhile. Use it with `async with`, or `close` it."""

    def __init__(self, server: str, api_key: str, *, timeout: float = TIMEOUT) -> None:
        self._http = httpx.AsyncClient(**http_options(server, api_key, timeout))
        super().__init__(Later(self._http))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
