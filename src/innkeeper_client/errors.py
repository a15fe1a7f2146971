"""What can go wrong, by the server's stable codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input: which field, which value, and what would be right."""

    field: str
    value: object
    expected: str
    code: str


class InnkeeperError(Exception):
    """The request was refused or failed. `code` is stable, the message is for people, `status` is HTTP's."""

    def __init__(
        self, message: str, *, code: str = "", status: int | None = None, problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.problems = tuple(problems)


class Invalid(InnkeeperError):
    """Some field holds a value that cannot be accepted; `problems` names each."""


class NotFound(InnkeeperError):
    """There is no such thing, or you may not know of it."""


class Forbidden(InnkeeperError):
    """You may see the target, but not do this to it."""


class Unauthenticated(InnkeeperError):
    """The API key or the login is missing, wrong or no longer valid."""


class LoginRefused(InnkeeperError):
    """The user said no to a code, or let it grow too old."""


class Duplicate(InnkeeperError):
    """Something else already has this unique value."""


class Stale(InnkeeperError):
    """The target has changed since the version that you named."""


class NotNow(InnkeeperError):
    """The request is right in itself, but the state of the target does not allow it."""


class Braked(NotNow):
    """The plan is so large that applying it takes the count of its brake."""


class TooManyAttempts(InnkeeperError):
    """Too many wrong API keys came from your address."""


class CannotConnect(InnkeeperError):
    """The server was not reached, or did not answer in time."""


class BadAnswer(InnkeeperError):
    """What answered is no Innkeeper server, or one that this client does not understand."""


BY_CODE: Mapping[str, type[InnkeeperError]] = {
    "invalid": Invalid,
    "duplicate": Duplicate,
    "braked": Braked,
}
# What the OAuth endpoints say instead (RFC 6749 §5.2, RFC 8628 §3.5).
BY_OAUTH_ERROR: Mapping[str, type[InnkeeperError]] = {
    "invalid_grant": Unauthenticated,
    "access_denied": LoginRefused,
    "expired_token": LoginRefused,
}
BY_STATUS: Mapping[int, type[InnkeeperError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: NotNow,
    412: Stale,
    422: Invalid,
    429: TooManyAttempts,
}


def error_of(status: int, document: object) -> InnkeeperError:
    """The error that a refusal (RFC 9457) stands for."""
    if isinstance(document, Mapping) and isinstance(document.get("error"), str):
        return _oauth_error(status, document)
    if not isinstance(document, Mapping) or not isinstance(document.get("code"), str):
        return BadAnswer(f"the server answered {status} without a reason; is it Innkeeper?", status=status)
    code = document["code"]
    kind = BY_CODE.get(code) or BY_STATUS.get(status, InnkeeperError)
    problems = [_problem(entry) for entry in document.get("problems") or ()]
    return kind(str(document.get("detail") or code), code=code, status=status, problems=problems)


def _oauth_error(status: int, document: Mapping[str, Any]) -> InnkeeperError:
    code = document["error"]
    kind = BY_OAUTH_ERROR.get(code) or BY_STATUS.get(status, InnkeeperError)
    return kind(str(document.get("error_description") or code), code=code, status=status)


def _problem(entry: Mapping[str, Any]) -> Problem:
    texts = {name: str(entry.get(name, "")) for name in ("field", "expected", "code")}
    return Problem(value=entry.get("value"), **texts)
