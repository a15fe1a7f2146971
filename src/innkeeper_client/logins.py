"""Logging a program in without a password: its user types a code into a browser (RFC 8628)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from innkeeper_client.desktop_auth import tokens_in
from innkeeper_client.errors import InnkeeperError
from innkeeper_client.kept_logins import Tokens
from innkeeper_client.reading import read
from innkeeper_client.steps import Pause, Request, Steps, as_json, exchange
from innkeeper_client.verbs import Noun, Verb, Way
from innkeeper_client.words import KeyScope

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
LONGEST_INTERVAL = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What to show to the user, and the secret by which their answer is fetched."""

    client_name: str
    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class Logins(Noun[Way]):
    """Being let in by a user."""

    @Verb
    def begin(self, client_name: str, *, scopes: Sequence[KeyScope] = ()) -> Steps[DeviceCode]:
        """Ask to be let in, under a name that the user will read. Show them the code, then `wait`.

        With scopes only for these, else for all that the user may.
        """
        form = {"client_id": client_name} | ({"scope": " ".join(scopes)} if scopes else {})
        response = yield from exchange(_post("/device_authorization", form))
        return read(DeviceCode, {**as_json(response), "client_name": client_name})

    @Verb
    def wait(self, code: DeviceCode) -> Steps[Tokens]:
        """Answer the tokens when the user has said yes; raises LoginRefused."""
        interval, waited = float(code.interval), 0.0
        while True:
            yield Pause(interval)
            waited += interval
            try:
                return tokens_in((yield from exchange(_question(code))))
            except InnkeeperError as error:
                if waited >= code.expires_in or not _may_ask_again(error):
                    raise
                interval = _next(interval, error)

    @Verb
    def end(self, tokens: Tokens) -> Steps[None]:
        """Sign out: the tokens, and all that followed from the same login, become worthless."""
        yield from exchange(_post("/revoke", {"token": tokens.refresh_token}))


def _may_ask_again(error: InnkeeperError) -> bool:
    """Nobody has answered yet, or the question did not arrive."""
    is_trouble = error.code == "cannot_connect" or (error.status or 0) >= 500
    return is_trouble or error.code in ("authorization_pending", "slow_down")


def _next(interval: float, error: InnkeeperError) -> float:
    """The same pause, five seconds more when told so, and twice as much after a trouble (RFC 8628 §3.5)."""
    if error.code == "authorization_pending":
        return interval
    return interval + 5 if error.code == "slow_down" else min(LONGEST_INTERVAL, interval * 2)


def _question(code: DeviceCode) -> Request:
    form = {"grant_type": GRANT_TYPE, "device_code": code.device_code, "client_id": code.client_name}
    return _post("/token", form)


def _post(path: str, form: Mapping[str, Any]) -> Request:
    return Request("POST", path, form=form, prefix="/oauth")
