"""One question before something that matters: a page of its own, or a dialog over another page."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from innkeeper.interfaces.console.forms import Form
from innkeeper.interfaces.console.paths import own_path
from innkeeper.interfaces.console.visits import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and what the buttons say and do. All texts are in the reader's language already."""

    title: str
    texts: Sequence[str]
    verb: str
    action: str
    back: str
    is_danger: bool = True
    reason_label: str = ""
    typed_label: str = ""


def ask(visit: Visit, question: Question, form: Form | None = None) -> Response:
    """Show the question, again with a form that was refused."""
    return visit.page(
        "confirm",
        422 if form else 200,
        form=form or Form(),
        title=question.title,
        texts=question.texts,
        verb=question.verb,
        action=question.action,
        back=question.back,
        is_danger=question.is_danger,
        reason_label=question.reason_label,
        reason_required=False,
        typed_label=question.typed_label,
    )


def answered(visit: Visit, url: str, notice: str) -> Response:
    """Afterwards: the page that the dialog stood on, else the address given."""
    referer = visit.request.headers.get("Referer", "")
    return visit.go(own_path(referer, visit.request) if visit.fragment and referer else url, notice)
