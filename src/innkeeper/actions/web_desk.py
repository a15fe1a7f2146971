"""Signing in with a browser: in several requests, with passkeys, and once more in an open session."""

from dataclasses import dataclass, field
from typing import Any

from innkeeper.actions import logins, proofs, second_steps
from innkeeper.actions.actors import Caller
from innkeeper.actions.attempts import Attempt, SignedIn
from innkeeper.actions.front_desk import FrontDesk, caller_of
from innkeeper.actions.second_steps import KeyAnswer
from innkeeper.domain.logins import Proof, WhyNot
from innkeeper.domain.passkeys import RelyingParty

Offer = tuple[dict[str, Any], str]


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request comes from: the caller, and the cookie that the browser is known by."""

    caller: Caller
    device_token: str | None = field(default=None, repr=False)


class WebDesk(FrontDesk):
    """The front desk of the console."""

    async def begin(self, browser: Browser, username: str) -> Attempt:
        """An attempt that looks the same for unknown names."""
        return await self._calls.read(
            browser.caller, logins.begin, username, device_token=browser.device_token
        )

    async def park(self, attempt: Attempt) -> str:
        """Let an attempt wait for its second factor; answers the token to resume it by."""
        return await self._calls.write(caller_of(attempt), second_steps.park, attempt)

    async def resume(self, browser: Browser, token: str) -> Attempt | None:
        """The attempt that waits under this token; None when it is spent or too old."""
        return await self._calls.read(browser.caller, second_steps.resume, token, browser.device_token)

    async def send_code_for(self, attempt: Attempt, token: str) -> None:
        """Mail a code to the user of a waiting attempt. Raises TooManyAttempts."""
        await self.send_code(attempt)
        await self._calls.write(caller_of(attempt), second_steps.repark, token, attempt)

    async def key_options(self, attempt: Attempt | None, browser: Browser, rp: RelyingParty) -> Offer:
        """What the browser shows to the security keys of the attempt's user, or to any passkey."""
        return await self._calls.read(browser.caller, second_steps.key_options, attempt, rp)

    async def prove_key(self, attempt: Attempt, answer: KeyAnswer) -> bool:
        """Check what a security key answered."""
        factor = await self._calls.write(caller_of(attempt), second_steps.check_key, attempt, answer)
        if factor is None:
            attempt.blame(WhyNot.WRONG_CODE)
            return False
        return attempt.show(Proof.SECOND_FACTOR, "passkey" if factor.is_passkey else "security_key")

    async def wrong_step(self, attempt: Attempt, token: str) -> int:
        """Log a wrong second factor; how many tries are left before the password is asked again."""
        await self.fail(attempt)
        return await self._calls.write(caller_of(attempt), second_steps.count_try, token)

    async def prove_passkey(self, browser: Browser, answer: KeyAnswer) -> Attempt | None:
        """The attempt of the user whose passkey answered, or None."""
        token = browser.device_token
        attempt = await self._calls.write(browser.caller, second_steps.use_passkey, answer, token)
        if attempt is None:
            await self._calls.write(browser.caller, logins.fail_unknown, WhyNot.WRONG_KEY)
        return attempt

    async def sign_in(self, attempt: Attempt, token: str | None = None) -> SignedIn | None:
        """Open the session; None when refused, or when a waiting attempt led to one before."""
        if token is not None and not await self._calls.write(caller_of(attempt), second_steps.use_up, token):
            return None
        signed_in = await self._calls.write(caller_of(attempt), logins.finish, attempt)
        if signed_in is None:
            await self.hold_back(attempt)
        return signed_in

    async def begin_again(self, caller: Caller) -> Attempt:
        """What the user of an open session may show to prove themselves anew."""
        return await self._calls.read(caller, proofs.begin)

    async def finish_again(self, caller: Caller, attempt: Attempt) -> bool:
        """Note the proof in the session; False if it does not hold."""
        return await self._calls.write(caller, proofs.finish, attempt)
