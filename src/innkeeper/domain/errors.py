"""Every refusal has a stable code, names what was wrong, and says what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input: which field, which value, and what would be right."""

    field: str
    value: object
    expected: str
    code: str = "invalid"

    def __str__(self) -> str:
        shown = f" {shorten(self.value)}" if self.value not in (None, "") else ""
        return f"{self.field}:{shown} - expected {self.expected}"


def shorten(value: object) -> str:
    """A value fit for an error message: quoted, on one line, at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


class Refused(Exception):
    """The request was understood and is refused; nothing was changed."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *problems: Problem) -> None:
        super().__init__(message)
        self.message = message
        self.problems: Sequence[Problem] = problems


class Invalid(Refused):
    """Some field holds a value that cannot be accepted."""

    code = "invalid"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem) for problem in problems), *problems)


class NotFound(Refused):
    """There is no such thing, or the actor may not know of it."""

    code = "not_found"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {shorten(key)} does not exist")


class Forbidden(Refused):
    """The actor may see the target, but not do this to it."""

    code = "forbidden"


class Unauthenticated(Refused):
    """No valid credential came with the request. The words never say why."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("sign in first: the credential is missing, wrong or no longer valid")


class Duplicate(Refused):
    """Something else already has this unique value."""

    code = "duplicate"

    def __init__(self, field: str, value: str) -> None:
        problem = Problem(field, value, "a value that nothing else has", "duplicate")
        super().__init__(f"{field}: {shorten(value)} is taken", problem)


class Stale(Refused):
    """The target has changed since the caller looked at it."""

    code = "stale"


class NotNow(Refused):
    """The request is right in itself, but the state of the target does not allow it."""

    code = "not_now"


class TooManyAttempts(Refused):
    """Too many requests from one address in too short a time."""

    code = "too_many_attempts"
