"""Control connections: sign-in, the rules of TLS, and listings."""

import socket
import sys
from typing import Any

import structlog
from pyftpdlib.exceptions import FilesystemError
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.handlers.ftp.producers import BufferedIteratorProducer
from pyftpdlib.ioloop import AsyncChat

from innkeeper.actions.reception import Newcomer
from innkeeper.files.room import Room
from innkeeper.interfaces.ftps.commands import COMMANDS, RoomDecides
from innkeeper.interfaces.ftps.door import Visit
from innkeeper.interfaces.ftps.listings import FACTS, Form, as_facts, as_long_line, as_name
from innkeeper.interfaces.ftps.storage import RoomFile, RoomFiles
from innkeeper.interfaces.ftps.tls import cipher_of, shut
from innkeeper.interfaces.ftps.transfers import DataConnection, PassivePort, no_log
from innkeeper.interfaces.ftps.wording import ABSENT
from innkeeper.kit.passwords import TooBusy

logger = structlog.get_logger(__name__)

_TRANSFERS = frozenset({"RETR", "STOR", "APPE", "LIST", "NLST", "MLSD"})
_LONGEST_COMMAND = 8192  # the longest path is 4,000 bytes
_LAST_WORD_SECONDS = 5
_MOST_UNREAD = 200  # answers; a client that asks on without reading them would fill the memory


class ControlConnection(TLS_FTPHandler):
    """One client, from knocking to leaving; has a room once signed in."""

    authorizer = RoomDecides()
    dtp_handler = DataConnection
    passive_dtp = PassivePort
    proto_cmds = COMMANDS
    banner = "Innkeeper"
    unicode_errors = "surrogateescape"
    use_sendfile = False
    _in_buffer: list[bytes]
    _in_buffer_len: int

    def __init__(self, sock: socket.socket, server: Any, visit: Visit, ioloop: Any) -> None:
        self.visit = visit
        self.settings = visit.settings
        self.room: Room | None = None
        self.has_tried = False
        self.timeout = self.settings.idle_timeout
        self.passive_ports = self.settings.passive_ports or None
        self.masquerade_address = self.settings.passive_address or None
        self._client = "FTP"
        super().__init__(sock, server, ioloop)
        self._extra_feats = ["AUTH TLS", "PBSZ", "PROT", "CLNT"]
        self._current_facts = list(FACTS)
        self._available_facts = list(FACTS)

    @classmethod
    def get_ssl_context(cls) -> None:
        """pyftpdlib wants one for the class; here each connection comes with its own."""

    def begin(self) -> None:
        """Greet the client, after the handshake where TLS is there from the start."""
        self.ssl_context = self.visit.house.tls.current()
        self.call_later(self.settings.login_timeout, self._end_late_login)
        if self.visit.is_implicit:
            self._pbsz = self._prot = True
            self.secure_connection(self.ssl_context)
        else:
            self.handle()

    @property
    def is_in(self) -> bool:
        """Signed in, and the room has not been ended."""
        return self.room is not None and self.room.ended is None

    @property
    def is_transferring(self) -> bool:
        """True while a file is open; may be asked from any thread."""
        return self.room is not None and self.room.is_transferring

    def cut(self, _: str = "") -> None:
        """Close the connections from whatever thread, without waiting for anything."""
        for channel in (getattr(self, "data_channel", None), self):
            if channel is not None and channel.socket is not None:
                shut(channel.socket)

    def forget_waiting(self) -> None:
        """Close the file that waits for a data connection."""
        for part in (*(self._in_dtp_queue or ()), *(self._out_dtp_queue or ())):
            if isinstance(part, RoomFile):
                part.close()
        self._in_dtp_queue: tuple[object, ...] | None = None
        self._out_dtp_queue: tuple[object, ...] | None = None

    # What pyftpdlib calls.

    log = logline = logerror = log_cmd = log_transfer = no_log

    def log_exception(self, instance: object) -> None:
        logger.error("An FTP connection failed unexpectedly.", exc_info=sys.exc_info()[1])

    def push(self, data: str) -> None:
        AsyncChat.push(self, data.encode("utf-8", "surrogateescape"))

    def handle_timeout(self) -> None:
        self._hang_up("421 You have been idle for too long.")

    def handle_ssl_established(self) -> None:
        if self.visit.is_implicit:
            self.handle()

    def collect_incoming_data(self, data: bytes) -> None:
        """Unlike pyftpdlib's, takes paths of every length, and drops what is too long up to its very end."""
        self._in_buffer_len += len(data)
        if self._in_buffer_len <= _LONGEST_COMMAND:
            self._in_buffer.append(data)

    def found_terminator(self) -> None:
        if self._in_buffer_len <= _LONGEST_COMMAND:
            super().found_terminator()
            return
        self._in_buffer.clear()
        self._in_buffer_len = 0
        self.respond("500 The command is too long.")

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        if len(self.producer_fifo) > _MOST_UNREAD:
            self.close()
            return
        try:
            super().pre_process_command(line, cmd, arg)
        except FilesystemError as refused:
            self.respond(f"550 {refused}.")

    def process_command(self, cmd: str, *args: Any, **kwargs: Any) -> None:
        refusal = self._refusal_of(cmd)
        if refusal:
            self.respond(refusal)
        else:
            super().process_command(cmd, *args, **kwargs)

    def ftp_AUTH(self, line: str) -> None:  # noqa: N802
        """What came in clear behind this command was not sent by whoever is on the other side of TLS."""
        self.ac_in_buffer = b""
        super().ftp_AUTH(line)

    def ftp_PROT(self, line: str) -> None:  # noqa: N802
        if line.upper() == "C" and not self.settings.allows_plain:
            self.respond("534 Data connections need TLS.")
        else:
            super().ftp_PROT(line)

    def ftp_CLNT(self, line: str) -> None:  # noqa: N802
        self._client = line[:200].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self.respond("200 Noted.")

    def ftp_USER(self, line: str) -> None:  # noqa: N802
        if self.authenticated:
            self.respond("503 You are signed in already; connect anew to be someone else.")
        else:
            self.username = line
            self.respond("331 Password, please.")

    def ftp_PASS(self, line: str) -> None:  # noqa: N802
        username, self.username = self.username, ""
        if self.authenticated or not username:
            self.respond("503 Send USER first.")
            return
        self.has_tried = True
        name = username.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        try:
            room = self.visit.sign_in(self._newcomer(), name, line)
        except TooBusy:
            self._hang_up("421 The server is busy; try again in a moment.")
            return
        if room is None:
            self._refuse()
        else:
            self._let_in(room, name)

    def ftp_LIST(self, path: str) -> None:  # noqa: N802
        self._send_lines("LIST", path, as_long_line)

    def ftp_NLST(self, path: str) -> None:  # noqa: N802
        self._send_lines("NLST", path, as_name)

    def ftp_MLSD(self, path: str) -> None:  # noqa: N802
        self._send_lines("MLSD", path, as_facts(self._current_facts))

    def ftp_MLST(self, path: str) -> None:  # noqa: N802
        try:
            entry = self.fs.entry(path)
        except FilesystemError as refused:
            self.respond(f"550 {refused}.")
            return
        facts = as_facts(self._current_facts)(entry).split(b" ", 1)[0].decode()
        self.push(f"250-Listing:\r\n {facts} {path}\r\n")
        self.respond("250 End.")

    def ftp_STAT(self, path: str) -> None:  # noqa: N802
        self.respond("502 Use LIST or MLST." if path else "211 All is well.")

    def ftp_SIZE(self, path: str) -> None:  # noqa: N802
        """Unlike pyftpdlib's, has the same words for all that is no file in sight."""
        if self.fs.isfile(path):
            super().ftp_SIZE(path)
        else:
            self.respond(f"550 {ABSENT}.")

    def ftp_MDTM(self, path: str) -> None:  # noqa: N802
        if self.fs.isfile(path):
            super().ftp_MDTM(path)
        else:
            self.respond(f"550 {ABSENT}.")

    def ftp_MFMT(self, path: str, timeval: str) -> None:  # noqa: N802
        if self.fs.isfile(path):
            super().ftp_MFMT(path, timeval)
        else:
            self.respond(f"550 {ABSENT}.")

    def ftp_ABOR(self, line: str) -> None:  # noqa: N802
        super().ftp_ABOR(line)
        self.forget_waiting()

    def _make_epasv(self, extmode: bool = False) -> None:  # noqa: FBT001
        """One at a time: two threads could bind the same port, and only one could listen on it."""
        self.forget_waiting()
        try:
            with self.visit.ports:
                super()._make_epasv(extmode)
        except OSError:
            self.respond("425 No port is free for a data connection; try again.")

    def _refusal_of(self, cmd: str) -> str:
        if self.settings.allows_plain:
            is_plain_login = is_plain_data = False
        else:
            is_plain_login = cmd in ("USER", "PASS") and not self._ssl_established
            is_plain_data = cmd in ("PASV", "EPSV") and not self._prot
        if is_plain_login:
            return "530 Passwords are taken over TLS only: send AUTH TLS first."
        if is_plain_data:
            return "521 Data connections need TLS: send PBSZ 0 and PROT P first."  # RFC 4217, section 9
        return self._refusal_of_transfer() if cmd in _TRANSFERS else ""

    def _refusal_of_transfer(self) -> str:
        data = self.data_channel
        if self._in_dtp_queue or self._out_dtp_queue or (data is not None and data.cmd):
            return "450 Another transfer is under way."
        return "425 Send PASV or EPSV first." if data is None and self._dtp_acceptor is None else ""

    def _newcomer(self) -> Newcomer:
        return Newcomer("ftps", self.visit.address, self._client, cipher_of(self.socket))

    def _refuse(self) -> None:
        self.attempted_logins += 1
        if self.attempted_logins >= self.settings.most_tries:
            self._hang_up("530 User name or password is wrong. Too many tries.")
        else:
            self.respond("530 User name or password is wrong.")

    def _let_in(self, room: Room, name: str) -> None:
        self.room = room
        self.visit.pass_gate(has_tried=True)
        self.authenticated = True
        self.username = name
        self.fs = RoomFiles(room, self)
        room.on_end(self.cut)
        self.respond("230 Welcome.")

    def _end_late_login(self) -> None:
        if not self.authenticated:
            self._hang_up("421 Signing in took too long.")

    def _hang_up(self, answer: str) -> None:
        if self._ssl_accepting:
            self.close()
        else:
            self.respond(answer)
            self.call_later(_LAST_WORD_SECONDS, self.close)  # for whoever does not read it
            self.close_when_done()

    def _send_lines(self, command: str, path: str, form: Form) -> None:
        try:
            lines = self.fs.lines(path, form)
        except FilesystemError as refused:
            self.respond(f"550 {refused}.")
        else:
            self.push_dtp_data(BufferedIteratorProducer(lines), isproducer=True, cmd=command)
