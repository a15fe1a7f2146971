"""One running server: built out of its parts, started, and stopped in good order."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import uvicorn

from innkeeper.actions import setup
from innkeeper.actions.activity import Activity, KnownPaths
from innkeeper.actions.actors import Caller
from innkeeper.actions.calls import Calls
from innkeeper.actions.desk import Desk
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.actions.reception import Reception
from innkeeper.assembly.ftps import open_ftps
from innkeeper.assembly.mail import open_office
from innkeeper.assembly.opening import CannotStart, lock_directory, open_database, open_hasher, open_vault
from innkeeper.assembly.storage import open_storage, widen
from innkeeper.files.live import Live
from innkeeper.files.quotas import LimitedStorage, Quotas
from innkeeper.interfaces.console.application import make_console
from innkeeper.interfaces.health import make_health
from innkeeper.interfaces.oauth import make_oauth
from innkeeper.interfaces.rest.application import build
from innkeeper.interfaces.webdav import make_webdav
from innkeeper.jobs.runner import Jobs
from innkeeper.kit.gate import Gate
from innkeeper.kit.ids import new_id
from innkeeper.settings import Settings, split_address
from innkeeper.subscribers.dav import DavNotes
from innkeeper.subscribers.folders import Folders
from innkeeper.subscribers.mail import MailRoom
from innkeeper.subscribers.quotas import QuotaWatch
from innkeeper.subscribers.runner import Runner, Subscriber
from innkeeper.subscribers.sessions import Sessions

if TYPE_CHECKING:
    from innkeeper.interfaces.ftps import FtpsServer
    from innkeeper.interfaces.sftp.server import SftpServer
    from innkeeper.store.wakeup import Listener

DRAIN_SECONDS = 3.0
BACKLOG = 512
STARTER = Caller("start", system_name="start")


class HttpServer(uvicorn.Server):
    """uvicorn that leaves the signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Site:
    """Every part, built once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.node = f"{socket.gethostname()}-{new_id()[-6:]}"
        office = open_office(settings, lambda: self.public_address)
        self._lock = lock_directory(settings)
        self.database = open_database(settings)
        self.vault = open_vault(settings)
        self.calls = Calls(self.database, open_hasher(settings), self.vault)
        self.live = Live()
        self.gate = Gate()
        known_paths = KnownPaths()
        self.activity = Activity(self.calls)
        self.desk = Desk(self.calls, self.node, self.activity, known_paths)
        self.sessions = Sessions(self.calls, self.live, known_paths)
        quotas = Quotas()
        self.root = LimitedStorage(open_storage(settings), quotas)
        self.jobs = Jobs(self.database, self.calls, settings.data, office, self.root)
        self.quotas = QuotaWatch(self.calls, quotas, self.root)
        self.reception = Reception(self.desk, self.gate, self.root, self.live)
        self.rooms = KeptRooms(self.calls, self.desk, self.reception, self.root, self.live)
        followers: list[Subscriber] = [
            self.sessions,
            self.quotas,
            Folders(self.root),
            DavNotes(self.calls),
            MailRoom(self.calls, self.jobs),
        ]
        self.runner = Runner(self.calls, followers)
        self.sftp: SftpServer | None = None
        self.ftps: FtpsServer | None = None
        self._listener: Listener | None = None
        self._http: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self, say: Callable[[str], None]) -> None:
        """Open every door, and say where each is; raises CannotStart when a port is taken.

        The console answers first: what SSH needs takes a third of a second to import.
        """
        widen(asyncio.get_running_loop(), self.root)
        http, sftp = _listen(self.settings.http), _listen(self.settings.sftp)
        ftps, implicit = _listen(self.settings.ftps), _listen(self.settings.ftps_implicit)
        setup_link = await self._make_setup_link()
        await self.sessions.start()
        await self.quotas.start()
        await self.runner.start()
        await self.activity.start()
        await self.rooms.start()
        if not self.database.is_sqlite:
            self._listener = self._make_listener()
        if http is not None:
            self._start_http(http)
            say(f"Innkeeper answers at {self.public_address}")
            if setup_link is not None:
                say(f"Set up this site, once, at {self.public_address}{setup_link}")
        if sftp is not None:
            self.sftp = await asyncio.to_thread(self._make_sftp)
            await self.sftp.listen(sftp)
            say(f"SFTP listens on port {self.sftp.port}")
        if ftps is not None or implicit is not None:
            self.ftps = await asyncio.to_thread(open_ftps, self.settings, self.reception)
            if ftps is not None:
                say(f"FTPS listens on port {await self.ftps.listen(ftps)}")
            if implicit is not None:
                port = await self.ftps.listen(implicit, is_implicit=True)
                say(f"FTPS (implicit TLS) listens on port {port}")
        self.jobs.start()

    async def stop(self) -> None:
        """Let transfers of the last seconds finish, then close everything; done within ten seconds."""
        doors = [door for door in (self.sftp, self.ftps) if door is not None]
        await asyncio.gather(*(door.stop(patience=DRAIN_SECONDS) for door in doors))
        if self._http is not None and self._serving is not None:
            self._http.should_exit = True
            await self._serving
        await self.rooms.stop()
        await self.runner.stop()
        await asyncio.to_thread(self.jobs.stop)
        await self.quotas.stop()
        await self.sessions.stop()
        await self.activity.stop()
        await asyncio.to_thread(self._close)

    @property
    def public_address(self) -> str:
        """How browsers reach the console."""
        if self.settings.public_url:
            return self.settings.public_url.rstrip("/")
        host, port = self._http_socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _make_listener(self) -> "Listener":
        # PostgreSQL's driver takes a fifth of a second to import, and most sites do without.
        from innkeeper.store.wakeup import Listener

        loop = asyncio.get_running_loop()
        return Listener(self.database.url, lambda: loop.call_soon_threadsafe(self.runner.wake))

    def _make_sftp(self) -> "SftpServer":
        from innkeeper.assembly.translator import make_translator
        from innkeeper.interfaces.sftp.door import DoorSettings, House
        from innkeeper.interfaces.sftp.server import SftpServer

        house = House(
            desk=self.desk,
            root=self.root,
            live=self.live,
            gate=self.gate,
            home=self.settings.public_url.rstrip("/"),
            translator=make_translator(),
        )
        return SftpServer(house, DoorSettings(keys=self.settings.data / "keys"))

    def _start_http(self, listener: socket.socket) -> None:
        self._http_socket = listener
        config = uvicorn.Config(
            self._application(),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(self.settings.trusted_proxies),
            forwarded_allow_ips=self.settings.trusted_proxies or None,
            timeout_graceful_shutdown=2,
        )
        self._http = HttpServer(config)
        self._serving = asyncio.create_task(self._http.serve([self._http_socket]))

    def _application(self) -> Any:
        rest = build(self.calls, imports=self.jobs, gate=self.gate, rooms=self.rooms)
        console = make_console(
            self.calls,
            public_origin=self.settings.public_url or None,
            gate=self.gate,
            imports=self.jobs,
            rooms=self.rooms,
            sends_mail=bool(self.settings.smtp_url),
        )
        health = make_health(self.calls, self.live, self.root)
        oauth = make_oauth(self.calls, gate=self.gate, public_origin=self.settings.public_url or None)

        webdav = make_webdav(self.calls, self.rooms)

        async def dispatch(scope: Any, receive: Any, send: Any) -> None:
            path = scope.get("path", "")
            if path.startswith("/api/"):
                await rest(scope, receive, send)
            elif path.startswith("/health/") or path == "/metrics":
                await health(scope, receive, send)
            elif path.startswith(("/oauth/", "/.well-known/oauth-")):
                await oauth(scope, receive, send)
            elif path == "/dav" or path.startswith("/dav/"):
                await webdav(scope, receive, send)
            else:
                await console(scope, receive, send)

        return dispatch

    async def _make_setup_link(self) -> str | None:
        token = await self.calls.write(STARTER, setup.make_link)
        return None if token is None else f"/setup/{token}"

    def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self.calls.hasher.close()
        self.database.close()
        self.root.close()
        if self._lock is not None:
            self._lock.close()


def _listen(address: str) -> socket.socket | None:
    """A socket that listens there; None for an empty address. Raises CannotStart."""
    if not address:
        return None
    host, port = split_address(address)
    try:
        listener = socket.create_server((host, port), family=_family(host), backlog=BACKLOG)
    except OSError as error:
        raise CannotStart(f"{address} cannot be opened: {error.strerror or error}") from error
    listener.setblocking(False)
    return listener


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
