"""Keyboard-interactive (RFC 4256): one question after the other, until nothing is owed.

Clients that know nothing else are asked here for password, code and new password in one exchange; others come
here with what they have shown already. A client may begin anew at any time.
"""

from collections.abc import Sequence
from enum import Enum, auto

from innkeeper.domain.errors import TooManyAttempts
from innkeeper.domain.texts import Text
from innkeeper.domain.words import FactorKind
from innkeeper.interfaces.sftp import wording
from innkeeper.interfaces.sftp.door import PASSWORD, SECOND_FACTOR, Attempt
from innkeeper.interfaces.sftp.login import Login

# True for "all is shown", False for a failure, else name, instruction, language, and prompts with their echo.
Challenge = bool | tuple[str, str, str, Sequence[tuple[str, bool]]]


class Asked(Enum):
    """What a question is about."""

    NOTHING = auto()
    PASSWORD = auto()
    CODE = auto()
    NEW_PASSWORD = auto()


class Dialogue:
    """The questions of one connection. Each is answered once."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._asked = Asked.NOTHING

    async def begin(self) -> Challenge:
        """The first thing that is owed."""
        self._asked = Asked.NOTHING
        return await self._next()

    async def answer(self, responses: Sequence[str]) -> Challenge:
        """Take the answers to the last question."""
        asked, self._asked = self._asked, Asked.NOTHING
        if asked is Asked.PASSWORD and len(responses) == 1:
            return await self._next() if await self._login.prove_password(responses[0]) else False
        if asked is Asked.CODE and len(responses) == 1:
            return await self._take_code(responses[0].strip())
        if asked is Asked.NEW_PASSWORD and len(responses) == 2:
            return await self._take_new_password(*responses)
        return False

    async def _next(self, notice: Text | str = "") -> Challenge:
        login = self._login
        if PASSWORD in login.offered:
            self._asked = Asked.PASSWORD
            return _question("", (wording.PASSWORD, False))
        if SECOND_FACTOR in login.offered:
            return await self._ask_for_code(notice)
        if login.attempt.owes_new_password:
            return self._ask_for_new_password(wording.CHOOSE)
        return not login.offered

    async def _ask_for_code(self, notice: Text | str) -> Challenge:
        """Codes can be seen as they are typed: WinSCP answers hidden questions with its stored password."""
        attempt, login = self._login.attempt, self._login
        if notice == "" and attempt.email_code is None and _needs_mail(attempt.kinds):
            notice = await self._mail_code()
        self._asked = Asked.CODE
        notices = [login.notice(text) for text in (notice, _hint(attempt)) if text]
        return _question(" ".join(notices), (login.say(_prompt(attempt)), True))

    def _ask_for_new_password(self, notice: Text | str) -> Challenge:
        login = self._login
        self._asked = Asked.NEW_PASSWORD
        prompts = (wording.NEW_PASSWORD, wording.NEW_PASSWORD_AGAIN)
        return _question(login.notice(notice), *((login.say(prompt), False) for prompt in prompts))

    async def _take_code(self, code: str) -> Challenge:
        if code.lower() == "mail" and FactorKind.EMAIL in self._login.attempt.kinds:
            return await self._next(await self._mail_code())
        if await self._login.prove_code(code):
            return await self._next()
        return await self._next(wording.WRONG_CODE) if self._login.codes.left else False

    async def _mail_code(self) -> Text | str:
        try:
            await self._login.mail_code()
        except TooManyAttempts as refused:
            return refused.text
        return wording.MAILED

    async def _take_new_password(self, first: str, again: str) -> Challenge:
        if first != again:
            return self._ask_for_new_password(wording.NOT_THE_SAME)
        refusal = await self._login.renew_password(first)
        return True if refusal is None else self._ask_for_new_password(refusal)


def _question(instruction: str, *prompts: tuple[str, bool]) -> Challenge:
    return "", instruction, "", prompts


def _needs_mail(kinds: frozenset[FactorKind]) -> bool:
    """Nothing else that the user has can be typed here."""
    return FactorKind.EMAIL in kinds and FactorKind.TOTP not in kinds


def _hint(attempt: Attempt) -> str:
    if FactorKind.EMAIL in attempt.kinds:
        return wording.TYPE_MAIL if attempt.email_code is None else ""
    return "" if FactorKind.TOTP in attempt.kinds else wording.ONLY_IN_BROWSERS


def _prompt(attempt: Attempt) -> str:
    if attempt.email_code is not None:
        return wording.MAIL_CODE
    return wording.APP_CODE if FactorKind.TOTP in attempt.kinds else wording.RECOVERY_CODE
