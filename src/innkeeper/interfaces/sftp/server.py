"""The listening door: starts, hands each connection to a visitor, and stops in good order."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import asyncssh

from innkeeper.interfaces.sftp.door import DoorSettings, House
from innkeeper.interfaces.sftp.guests import Guests
from innkeeper.interfaces.sftp.keys import host_keys
from innkeeper.interfaces.sftp.multifactor import Connection
from innkeeper.interfaces.sftp.visitor import Visitor

# The client's order decides among these. AES-GCM costs half of ChaCha20, which OpenSSH would prefer, so that
# one is left out; clients without AES-GCM find AES-CTR.
_CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr"]
_MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"]
_EXCHANGES = [
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "diffie-hellman-group14-sha256",
]


class SftpServer:
    """The door as a whole."""

    def __init__(self, house: House, settings: DoorSettings) -> None:
        self._house = house
        self._settings = settings
        self._guests = Guests()
        self._listener: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens; of interest when any free port was asked for."""
        if self._listener is None:
            raise RuntimeError("the door is not open")
        return int(self._listener.sockets[0].getsockname()[1])

    async def listen(self, listener: socket.socket | None = None) -> None:
        """Open the door, on a socket that listens already if given; raises OSError for a taken port."""
        loop = asyncio.get_running_loop()
        keys = await loop.run_in_executor(None, host_keys, self._settings.keys)
        options = await _options(self._settings, keys, self._visitor)
        where: dict[str, Any] = {"host": self._settings.host, "port": self._settings.port}
        if listener is not None:
            where = {"sock": listener}
        self._listener = await loop.create_server(lambda: Connection(loop, options), **where)

    async def stop(self, *, patience: float = 0) -> None:
        """Let nobody in; give open transfers so many seconds; then end every connection."""
        if self._listener is not None:
            self._listener.close()
        await self._guests.clear(patience=patience, reason="the server is stopping")

    def _visitor(self) -> Visitor:
        return Visitor(self._house, self._guests, self._settings)


async def start(house: House, settings: DoorSettings) -> SftpServer:
    """Make a door and open it; raises OSError."""
    server = SftpServer(house, settings)
    await server.listen()
    return server


async def _options(
    settings: DoorSettings, keys: list[asyncssh.SSHKey], visitor: Callable[[], Visitor]
) -> asyncssh.SSHServerConnectionOptions:
    options: asyncssh.SSHServerConnectionOptions = await asyncssh.SSHServerConnectionOptions.construct(
        server_factory=visitor,
        server_host_keys=keys,
        server_version="Innkeeper",
        encryption_algs=_CIPHERS,
        mac_algs=_MACS,
        kex_algs=_EXCHANGES,
        compression_algs=["none"],  # most files are compressed already, and it costs more than the encryption
        login_timeout=settings.login_timeout,
        keepalive_interval=settings.keepalive,
        keepalive_count_max=3,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_pty=False,
    )
    return options
