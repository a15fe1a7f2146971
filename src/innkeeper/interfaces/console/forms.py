"""A form between two answers: what was typed, and what is wrong with it. Nothing typed is ever lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup
from starlette.datastructures import FormData

from innkeeper.domain.errors import Problem, ProofNeeded, Refused
from innkeeper.domain.texts import Translate
from innkeeper.interfaces.console.problems import explain, headline

EMPTY: Mapping[str, Sequence[str]] = {}


@dataclass(slots=True)
class Form:
    """The texts of the fields by name, the messages under them, and one above."""

    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    loose: list[str] = field(default_factory=list)
    prefix: str = ""

    def value(self, name: str) -> str:
        """The text of a field; empty if nothing was typed."""
        return next(iter(self.typed.get(name, ())), "")

    def values(self, name: str) -> Sequence[str]:
        """Every text of a field that may have several."""
        return self.typed.get(name, ())

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return self.errors.get(name, "")

    def id(self, name: str) -> str:
        """The id of a field on the page; a prefix keeps two forms on one page apart."""
        return f"{self.prefix}-{name}" if self.prefix else name

    def described(self, name: str, hint: str) -> Markup:
        """The attributes that tie hint and error to the field."""
        ids = [f"{self.id(name)}-error"] * bool(self.error(name)) + [f"{self.id(name)}-hint"] * bool(hint)
        invalid = Markup('aria-invalid="true" ') if self.error(name) else Markup("")
        return invalid + (Markup('aria-describedby="{}"').format(" ".join(ids)) if ids else Markup(""))

    def refuse(
        self, refused: Refused, translate: Translate, *, rename: Mapping[str, str] | None = None
    ) -> "Form":
        """The same form with the domain's problems under the fields they are about.

        Raises ProofNeeded again: nothing that can be typed into the form would mend that.
        """
        if isinstance(refused, ProofNeeded):
            raise refused
        names = rename or {}
        for problem in refused.problems:
            self._note(names.get(problem.field, problem.field), problem, translate)
        self.message = headline(refused, translate)
        return self

    def _note(self, name: str, problem: Problem, translate: Translate) -> None:
        text = explain(problem, translate)
        if name in self.typed:
            known = self.errors.get(name)
            self.errors[name] = f"{known} {text}" if known and text not in known else text
        else:
            self.loose.append(text)


def typed(data: FormData, names: Iterable[str]) -> dict[str, list[str]]:
    """The texts sent for these fields. A checkbox that is off sends nothing, hence the list of names."""
    return {name: [text for text in data.getlist(name) if isinstance(text, str)] for name in names}


def words(text: str) -> list[str]:
    """A field with several words, parted by spaces, commas or lines."""
    return text.replace(",", " ").split()


def lines(text: str) -> list[str]:
    """A field with one entry a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def number(text: str) -> int | str | None:
    """A whole number, or the text itself for the domain to refuse by name; None for nothing."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 10 else text or None
