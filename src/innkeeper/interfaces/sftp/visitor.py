"""One SSH connection from knocking to leaving, as asyncssh asks about it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncssh

from innkeeper.actions.desk import Admission
from innkeeper.actions.rooms import close_room, open_room
from innkeeper.domain.texts import Text
from innkeeper.files.presence import Closer
from innkeeper.files.room import Room
from innkeeper.interfaces.sftp import wording
from innkeeper.interfaces.sftp.dialogue import Challenge, Dialogue
from innkeeper.interfaces.sftp.door import PASSWORD, PUBLIC_KEY, SECOND_FACTOR, DoorSettings, House
from innkeeper.interfaces.sftp.guests import Guests
from innkeeper.interfaces.sftp.login import Login
from innkeeper.interfaces.sftp.multifactor import Connection, Verdict
from innkeeper.interfaces.sftp.passwords import typed
from innkeeper.interfaces.sftp.session import FileSession
from innkeeper.kit.gate import Ticket, TurnedAway

_CHANNELS = 10
_WINDOW = 2 * 1024 * 1024
_PACKET = 32 * 1024


class Visitor(asyncssh.SSHServer):
    """Whoever is at the other end; has a room once logged in."""

    def __init__(self, house: House, guests: Guests, settings: DoorSettings) -> None:
        self.room: Room | None = None
        self._house = house
        self._guests = guests
        self._settings = settings
        self._is_patient = False
        self._ticket: Ticket | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        assert isinstance(conn, Connection)
        conn.judge = self
        self._connection = conn
        self._guests.arrive(self)
        address = conn.get_extra_info("peername", ("",))[0]
        most_tries = self._settings.most_tries
        self._login = Login(
            self._house, address=address, most_tries=most_tries, guests=self._guests, line=self
        )
        self._dialogue = Dialogue(self._login)
        try:
            self._ticket = self._house.gate.enter(address)
        except TurnedAway:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._guests.depart(self)
        if self._ticket is None:
            return
        self._house.gate.leave(self._ticket)
        if self.room is None:
            self._login.settle()
        else:
            self._guests.run(self._leave(self.room))

    def session_requested(
        self,
    ) -> tuple[asyncssh.SSHServerChannel[bytes], asyncssh.SSHServerSession[bytes]] | bool:
        if self.room is None or len(self._connection.flows) >= _CHANNELS:
            return False
        channel = self._connection.create_lean_channel(_WINDOW, _PACKET)
        return channel, FileSession(self.room, self._connection)

    async def begin_auth(self, username: str) -> bool:
        client = self._connection.get_extra_info("client_version", "")
        await self._login.begin(username, client.removeprefix("SSH-2.0-"))
        return True

    def public_key_auth_supported(self) -> bool:
        return PUBLIC_KEY in self._login.offered

    def password_auth_supported(self) -> bool:
        """A new password comes by the same method as the old one."""
        return PASSWORD in self._login.offered or self._login.attempt.owes_new_password

    def kbdint_auth_supported(self) -> bool:
        """OpenSSH tries this way before that of plain passwords, so both serve the password."""
        return SECOND_FACTOR in self._login.offered or self.password_auth_supported()

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Asked before the signature is checked, and for mere probes: nothing is proved here."""
        return self._login.knows_key(key.get_fingerprint())

    async def validate_password(self, username: str, password: str) -> bool:
        """Raises PasswordChangeRequired (RFC 4252, section 8) when a new one is all that is missing."""
        is_right = await self._login.prove_password(typed(password))
        if is_right and self._login.attempt.owes_new_password:
            raise self._ask_for_new_password(wording.CHOOSE)
        return is_right

    async def change_password(self, username: str, old_password: str, new_password: str) -> bool:
        """Passwords are changed here only when they must be."""
        if not await self._login.prove_password(typed(old_password)):
            return False
        if not self._login.attempt.owes_new_password:
            return False
        refusal = await self._login.renew_password(typed(new_password))
        if refusal is not None:
            raise self._ask_for_new_password(refusal)
        return True

    async def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Challenge:
        return await self._dialogue.begin()

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> Challenge:
        return await self._dialogue.answer(responses)

    def auth_completed(self) -> None:
        if self._ticket is not None:
            self._house.gate.leave(self._ticket)

    @property
    def is_transferring(self) -> bool:
        """True while a file is open."""
        return self.room is not None and self.room.is_transferring

    def send_away(self, reason: str) -> None:
        """End the connection, logged in or not."""
        if self.room is not None:
            self.room.end(reason)
        self._close(reason)

    async def weigh(self, method: str) -> Verdict:
        """Judge of the connection: a verified proof opens the room if it was the last one owed."""
        verdict = await self._login.weigh(method)
        if self._login.admission is not None:
            self._open_room(self._login.admission)
        return verdict

    def may_try_again(self) -> bool:
        """Judge of the connection: count a failure."""
        return self._login.may_try_again()

    @property
    def cipher(self) -> str:
        """Line of the log-in: what the server's side receives with, which is what clients choose for both."""
        return str(self._connection.get_extra_info("recv_cipher", ""))

    def tell(self, text: str, language: str) -> None:
        """Line of the log-in: a banner (RFC 4252, section 5.4)."""
        if not self._connection.is_closed():
            self._connection.send_auth_banner(f"{text}\r\n", language)

    def be_patient(self) -> None:
        """Line of the log-in: give more time, once."""
        if not self._is_patient and not self._connection.is_closed():
            self._is_patient = True
            self._connection.be_patient(self._settings.step_timeout)

    def _ask_for_new_password(self, notice: Text | str) -> asyncssh.PasswordChangeRequired:
        return asyncssh.PasswordChangeRequired(self._login.notice(notice), self._login.attempt.language)

    def _open_room(self, admission: Admission) -> None:
        self.room = open_room(admission, self._house.root, self._house.live)
        self.room.on_end(self._closer())

    def _closer(self) -> Closer:
        """Closes the connection from whatever thread the room is ended in."""
        loop = asyncio.get_running_loop()

        def close(reason: str) -> None:
            with suppress(RuntimeError):  # the loop is closed already, and with it the connection
                loop.call_soon_threadsafe(self._close, reason)

        return close

    def _close(self, reason: str) -> None:
        try:
            self._connection.disconnect(asyncssh.DISC_BY_APPLICATION, reason)
        finally:
            self._connection.abort()

    async def _leave(self, room: Room) -> None:
        reason = room.ended or "disconnected"
        self._house.live.remove(room)
        await close_room(room)
        await self._house.desk.leave(
            room.connection_id, reason=reason, bytes_in=room.bytes_in, bytes_out=room.bytes_out
        )
