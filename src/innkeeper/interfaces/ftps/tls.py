"""TLS for every connection of the door; control and data connections share one cache of sessions.

It is TLS 1.2 for now. In TLS 1.3 a server hands out tickets behind the handshake. Clients that only send
(Go's, so rclone) never read them, and an operating system that closes a socket with something unread in it
throws away what it had still to send: uploads lose their end. OpenSSL can do without tickets, but pyOpenSSL
cannot tell it to.
"""

import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from OpenSSL import SSL

_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"
_SESSION_ID = b"innkeeper"
_RESET = struct.pack("ii", 1, 0)


class TlsContext:
    """The certificate and the rules. Files that were renewed on disk are used from the next connection on."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._lock = threading.Lock()
        self._made_from = self._marks()
        self._context = _context(certificate, key)

    def current(self) -> SSL.Context:
        """What a new connection uses."""
        with self._lock:
            marks = self._marks()
            if marks != self._made_from:
                self._renew(marks)
            return self._context

    def _renew(self, marks: tuple[int, ...]) -> None:
        """Keep the old certificate while only one of the new files is there."""
        try:
            self._context = _context(*self._files)
        except (SSL.Error, OSError):
            return
        self._made_from = marks

    def _marks(self) -> tuple[int, ...]:
        try:
            return tuple(file.stat().st_mtime_ns for file in self._files)
        except FileNotFoundError:
            return ()


def cipher_of(connection: object) -> str:
    """The name of the cipher in use; empty without TLS."""
    return (connection.get_cipher_name() or "") if isinstance(connection, SSL.Connection) else ""


def is_closed_well(connection: object) -> bool:
    """True if the other side has said that it sends no more (RFC 5246, section 7.2.1); always without TLS."""
    if not isinstance(connection, SSL.Connection):
        return True
    return bool(connection.get_shutdown() & SSL.RECEIVED_SHUTDOWN)


def _context(certificate: Path, key: Path) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_CIPHER_SERVER_PREFERENCE)
    context.set_cipher_list(_CIPHERS)
    context.set_session_cache_mode(SSL.SESS_CACHE_SERVER)
    context.set_session_id(_SESSION_ID)
    context.use_certificate_chain_file(str(certificate))
    context.use_privatekey_file(str(key))
    context.check_privatekey()
    return context


def shut(connection: Any) -> None:
    """End a connection, with TLS or without, from whatever thread; its own thread closes it then.

    It is reset at that: a client that waits for room to send would not notice less.
    """
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if isinstance(connection, SSL.Connection):
            connection.sock_shutdown(socket.SHUT_RDWR)
        else:
            connection.shutdown(socket.SHUT_RDWR)
