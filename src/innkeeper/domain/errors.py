"""Every refusal has a stable code, names what was wrong, and says what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from innkeeper.domain.texts import N_, TOGETHER, Parameter, Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input: which field, which value, and what would be right."""

    field: str
    value: object
    expected: Text | str
    code: str = "invalid"

    def __str__(self) -> str:
        return str(self.text)

    @property
    def text(self) -> Text:
        """The same as a sentence."""
        expected = Text(self.expected) if isinstance(self.expected, str) else self.expected
        parameters: dict[str, Parameter] = {"field": self.field, "expected": expected}
        if self.value in (None, ""):
            return Text("%(field)s: - expected %(expected)s", parameters)
        parameters["value"] = shorten(self.value)
        return Text("%(field)s: %(value)s - expected %(expected)s", parameters)


def shorten(value: object) -> str:
    """A value fit for an error message: quoted, on one line, at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


class Refused(Exception):
    """The request was understood and is refused; nothing was changed.

    `text` is for people in their own language, `message` the same in English.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, template: str, /, *problems: Problem, **parameters: Parameter) -> None:
        self.text = Text(template, parameters)
        self.message = str(self.text)
        super().__init__(self.message)
        self.problems: Sequence[Problem] = problems


class Invalid(Refused):
    """Some field holds a value that cannot be accepted."""

    code = "invalid"

    def __init__(self, *problems: Problem) -> None:
        super().__init__(TOGETHER, *problems, texts=tuple(problem.text for problem in problems))


class NotFound(Refused):
    """There is no such thing, or the actor may not know of it."""

    code = "not_found"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(N_("%(kind)s %(key)s does not exist"), kind=Text(kind), key=shorten(key))


class Forbidden(Refused):
    """The actor may see the target, but not do this to it."""

    code = "forbidden"


class Unauthenticated(Refused):
    """No valid credential came with the request. The words never say why."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__(N_("sign in first: the credential is missing, wrong or no longer valid"))


class ProofNeeded(Refused):
    """The session is good, but too long ago its user showed who they are, for a change like this."""

    code = "proof_needed"

    def __init__(self) -> None:
        super().__init__(N_("show again who you are: this change needs a fresh proof"))


class Duplicate(Refused):
    """Something else already has this unique value."""

    code = "duplicate"

    def __init__(self, field: str, value: str) -> None:
        problem = Problem(field, value, "a value that nothing else has", "duplicate")
        super().__init__(N_("%(field)s: %(value)s is taken"), problem, field=field, value=shorten(value))


class Stale(Refused):
    """The target has changed since the caller looked at it."""

    code = "stale"


class NotNow(Refused):
    """The request is right in itself, but the state of the target does not allow it."""

    code = "not_now"


class TooManyAttempts(Refused):
    """Too many requests from one address in too short a time."""

    code = "too_many_attempts"
