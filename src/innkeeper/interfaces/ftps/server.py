"""The listening door: accepts on the event loop, gives each connection a thread, and stops in good order."""

import asyncio
import errno
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace

import structlog
from pyftpdlib.ioloop import IOLoop

from innkeeper.interfaces.ftps.control import ControlConnection
from innkeeper.interfaces.ftps.door import DoorSettings, House, Visit
from innkeeper.kit.gate import TurnedAway

logger = structlog.get_logger(__name__)

_POLL = 0.02
_OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_AWAY = b"421 Too many connections, or too many failures; come back later.\r\n"


class FtpsServer:
    """The door as a whole, on one address or two."""

    def __init__(self, house: House, settings: DoorSettings) -> None:
        self._house = house
        self._settings = settings
        self._ports = threading.Lock()
        self._present: set[_Guest] = set()
        self._listeners: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []

    async def listen(self, listener: socket.socket, *, is_implicit: bool = False) -> int:
        """Open the door on a socket that listens; answers its port. `is_implicit` begins with TLS at once."""
        listener.setblocking(False)
        self._listeners.append(listener)
        task = asyncio.create_task(self._accept_for_ever(listener, is_implicit=is_implicit))
        self._accepting.append(task)
        return int(listener.getsockname()[1])

    async def stop(self, *, patience: float = 0) -> None:
        """Let nobody in; give open transfers so many seconds; then end every connection."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for listener in self._listeners:
            listener.close()
        await _until(lambda: not any(guest.is_transferring for guest in list(self._present)), patience)
        for guest in list(self._present):
            guest.send_away("the server is stopping")
        await _until(lambda: not self._present, 2)

    async def _accept_for_ever(self, listener: socket.socket, *, is_implicit: bool) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, address = await loop.sock_accept(listener)
            except OSError as error:
                if error.errno not in _OUT_OF_FILES:
                    continue
                logger.error("An FTP connection could not be accepted.", error=error.strerror)
                await asyncio.sleep(0.5)
            else:
                self._receive(accepted, address[0], is_implicit=is_implicit)

    def _receive(self, accepted: socket.socket, address: str, *, is_implicit: bool) -> None:
        try:
            if len(self._present) >= self._settings.most_connections:
                raise TurnedAway("too many connections")
            ticket = self._house.reception.gate.enter(address)
        except TurnedAway:
            _turn_away(accepted, is_implicit=is_implicit)
            return
        visit = Visit(
            house=self._house,
            settings=self._settings,
            loop=asyncio.get_running_loop(),
            address=address,
            ticket=ticket,
            is_implicit=is_implicit,
            ports=self._ports,
        )
        guest = _Guest(accepted, visit)
        self._present.add(guest)
        guest.run(on_gone=lambda: self._present.discard(guest))


class _Guest:
    """One connection and its thread; also the server as far as pyftpdlib asks its connection's for one."""

    backlog = 5

    def __init__(self, accepted: socket.socket, visit: Visit) -> None:
        self.ip_map: list[str] = []
        # Of any other family, pyftpdlib would try out what an address is; it is that of the connection.
        self.socket = SimpleNamespace(family=socket.AF_INET)
        self._accepted = accepted
        self._visit = visit
        self._connection: ControlConnection | None = None

    @property
    def is_transferring(self) -> bool:
        return self._connection is not None and self._connection.is_transferring

    def run(self, *, on_gone: Callable[[], None]) -> None:
        """Serve the connection in a thread of its own."""
        threading.Thread(target=self._serve, args=(on_gone,), name="ftps", daemon=True).start()

    def send_away(self, reason: str) -> None:
        """End the connection, signed in or not."""
        connection = self._connection
        if connection is None:
            with suppress(OSError):
                self._accepted.shutdown(socket.SHUT_RDWR)
            return
        if connection.room is not None:
            connection.room.end(reason)
        connection.cut()

    def _accept_new_cons(self) -> bool:
        """Asked before a data connection: each control connection has one at most."""
        return True

    def _serve(self, on_gone: Callable[[], None]) -> None:
        try:
            with IOLoop() as loop:
                self._accepted.setblocking(False)
                self._connection = ControlConnection(self._accepted, self, self._visit, loop)
                if self._connection.connected:
                    self._connection.begin()
                wait = loop.sched.poll()
                while loop.socket_map:
                    loop.poll(wait)
                    wait = loop.sched.poll()
        except Exception as error:
            logger.error("An FTP connection failed unexpectedly.", exc_info=error)
        finally:
            self._part(on_gone)

    def _part(self, on_gone: Callable[[], None]) -> None:
        connection = self._connection
        try:
            self._visit.pass_gate(has_tried=connection is not None and connection.has_tried)
            if connection is not None and connection.room is not None:
                self._visit.leave(connection.room)
        except Exception as error:
            logger.error("The end of an FTP connection could not be recorded.", exc_info=error)
        finally:
            self._visit.loop.call_soon_threadsafe(on_gone)


def _turn_away(accepted: socket.socket, *, is_implicit: bool) -> None:
    with accepted, suppress(OSError):
        accepted.setblocking(False)
        if not is_implicit:
            accepted.send(_AWAY)


async def _until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(_POLL)
