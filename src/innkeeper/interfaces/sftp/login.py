"""The talk between one connection and the log-in desk, with the patience of the gate."""

import asyncio
from typing import Protocol

import asyncssh

from innkeeper.actions.desk import Admission
from innkeeper.domain.errors import Invalid
from innkeeper.domain.fields import username_key
from innkeeper.domain.texts import Text, said
from innkeeper.interfaces.sftp import wording
from innkeeper.interfaces.sftp.door import PASSWORD, Attempt, House
from innkeeper.interfaces.sftp.guests import Guests
from innkeeper.interfaces.sftp.multifactor import Verdict
from innkeeper.interfaces.sftp.tries import Tries
from innkeeper.interfaces.sftp.turns import Turns
from innkeeper.kit.passwords import TooBusy

_INTERFACE = "sftp"
_MOST_CODES = 5
_MOST_NEW_PASSWORDS = 5


class Line(Protocol):
    """The connection, as far as it talks before sign-in."""

    @property
    def cipher(self) -> str:
        """What the connection is encrypted with."""
        ...

    def tell(self, text: str, language: str) -> None:
        """Show a line that needs no answer."""
        ...

    def be_patient(self) -> None:
        """Give more time: someone has shown a right proof and looks for the next."""
        ...


class Login:
    """The proofs of one connection. What is under way is done to its end even when the connection is gone."""

    def __init__(self, house: House, *, address: str, most_tries: int, guests: Guests, line: Line) -> None:
        self.admission: Admission | None = None
        self.offered: frozenset[str] = frozenset()
        self.codes = Tries(_MOST_CODES)
        self._house = house
        self._address = address
        self._guests = guests
        self._line = line
        self._turns = Turns(guests.begin)
        # The first failure answers the question which methods there are, so it is no try.
        self._tries_left = most_tries
        self._guesses = Tries(most_tries)
        self._new_passwords = Tries(_MOST_NEW_PASSWORDS)
        self._username = ""
        self._client = ""
        self._attempt: Attempt | None = None
        self._fingerprint = ""
        self._told: list[Text] = []
        self._has_failed = False
        self._had_key_refused = False

    @property
    def attempt(self) -> Attempt:
        """The attempt under the name that was given last."""
        if self._attempt is None:
            raise RuntimeError("a proof came before a name")
        return self._attempt

    async def begin(self, username: str, client: str) -> None:
        """A name is given, or another one than before."""
        self._username, self._client = username, client
        self._attempt = await self._house.desk.begin(
            username, interface=_INTERFACE, address=self._address, client=client
        )
        self.offered = self._attempt.methods

    def knows_key(self, fingerprint: str) -> bool:
        """Would this key count? It is not proved yet."""
        self._fingerprint = fingerprint
        is_known = self._house.desk.knows_key(self.attempt, fingerprint)
        self._had_key_refused |= not is_known
        return is_known

    async def prove_password(self, password: str) -> bool:
        """Is this the password?"""
        attempt = self.attempt
        self._guesses.take()
        return await self._turns.take(lambda: self._try_password(attempt, password))

    async def prove_code(self, code: str) -> bool:
        """Is this a second factor?"""
        attempt = self.attempt
        self.codes.take()
        return await self._turns.take(lambda: self._try_code(attempt, code))

    async def mail_code(self) -> None:
        """Send a code to the user's mailbox; raises TooManyAttempts."""
        attempt = self.attempt
        await self._turns.take(lambda: self._house.desk.send_code(attempt))

    async def renew_password(self, text: str) -> Text | None:
        """Change a password that is due; what speaks against the new one."""
        attempt = self.attempt
        self._new_passwords.take()
        try:
            await self._turns.take(lambda: self._house.desk.renew_password(attempt, text))
        except Invalid as refused:
            return wording.not_accepted(refused)
        except TooBusy as error:
            raise _busy() from error
        return None

    async def weigh(self, method: str) -> Verdict:
        """A proof of this method holds; is it enough?"""
        attempt = self.attempt
        if method == "publickey" and not await self._house.desk.prove_key(attempt, self._fingerprint):
            await self._turns.take(lambda: self._refuse(attempt))
            return Verdict.NO
        self._go_on(attempt)
        return Verdict.MORE_IS_OWED if self.offered else await self._finish()

    def say(self, text: Text | str) -> str:
        """The text in the language of the attempt's user: only for those who have shown a password or key."""
        return said(text, self._house.translator(self.attempt.language))

    def notice(self, text: Text | str) -> str:
        """The text to go with a question. OpenSSH escapes all but ASCII there, but not in banners."""
        notice = self.say(text)
        if notice.isascii() or not self._client.startswith("OpenSSH"):
            return notice
        self._line.tell(notice, self.attempt.language)
        return ""

    def may_try_again(self) -> bool:
        """Count a failure; False when it was one too many."""
        self._tries_left -= 1
        return self._tries_left >= 0 and self.codes.left > 0

    def settle(self) -> None:
        """The connection is gone without a log-in: note it, unless its failures are noted already."""
        if self._has_failed:
            return
        if self._had_key_refused:
            self._house.gate.failed(self._address, username_key(self._username))
            self._guests.run(self._house.desk.fail(self.attempt))
        else:
            self._house.gate.wasted(self._address)

    async def _try_password(self, attempt: Attempt, password: str) -> bool:
        try:
            is_right = await self._house.desk.prove_password(attempt, password)
        except TooBusy as error:
            raise _busy() from error
        return await self._judge(attempt, self._guesses, is_right=is_right)

    async def _try_code(self, attempt: Attempt, code: str) -> bool:
        is_right = await self._house.desk.prove_code(attempt, code)
        return await self._judge(attempt, self.codes, is_right=is_right)

    async def _judge(self, attempt: Attempt, tries: Tries, *, is_right: bool) -> bool:
        if is_right:
            tries.give_back()
            self._go_on(attempt)
        else:
            await self._refuse(attempt)
        return is_right

    def _go_on(self, attempt: Attempt) -> None:
        """After a right proof: offer what is still owed, and let there be time for it."""
        if attempt is not self._attempt:
            return
        self.offered = self._house.desk.owed(attempt)
        if self.offered or attempt.owes_new_password:
            self._line.be_patient()
        if attempt.owes_new_password:
            self._tell_who_knew_password(wording.password_is_due(self._house.home))

    async def _refuse(self, attempt: Attempt) -> None:
        self._has_failed = True
        await self._house.desk.fail(attempt)
        await self._hold_back(attempt)

    async def _hold_back(self, attempt: Attempt) -> None:
        await asyncio.sleep(self._house.gate.failed(self._address, username_key(attempt.username)))

    async def _finish(self) -> Verdict:
        attempt = self.attempt
        self.admission = await self._admitted(attempt)
        if self.admission is None:
            self._has_failed = True
            self._tell_who_knew_password(wording.refusal(attempt.refused_because, self._house.home))
            # Side by side, so that this refusal takes no longer than others.
            await asyncio.gather(self._hold_back(attempt), self.begin(self._username, self._client))
            return Verdict.NO
        self._house.gate.succeeded(self._address, username_key(attempt.username))
        self._tell_who_knew_password(wording.warning(attempt.password_days_left, self._house.home))
        return Verdict.IN

    def _tell_who_knew_password(self, text: Text | None) -> None:
        """A banner, the same one only once."""
        if text is not None and PASSWORD in self.attempt.shown and text not in self._told:
            self._told.append(text)
            self._line.tell(self.say(text), self.attempt.language)

    async def _admitted(self, attempt: Attempt) -> Admission | None:
        """If the client goes away in the middle, the log-in may be recorded already, and has to be undone."""
        finishing = asyncio.ensure_future(self._house.desk.finish(attempt, cipher=self._line.cipher))
        try:
            return await asyncio.shield(finishing)
        except asyncio.CancelledError:
            self._guests.run(self._undo(finishing))
            raise

    async def _undo(self, finishing: "asyncio.Future[Admission | None]") -> None:
        admission = await finishing
        if admission is not None:
            reason = "gone before the answer"
            await self._house.desk.leave(admission.connection_id, reason=reason, bytes_in=0, bytes_out=0)


def _busy() -> Exception:
    return asyncssh.ServiceNotAvailable("too many log-ins at once, try again in a moment")
