"""What stands on every page on which somebody chooses a password: the rules, and how the last try did."""

from collections.abc import Sequence
from dataclasses import dataclass

from innkeeper.actions.passwords import Background
from innkeeper.domain.errors import Refused, TooManyAttempts
from innkeeper.domain.passwords import FIELD, Rule, rules
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.texts import N_, Text, said
from innkeeper.interfaces.console.forms import Form
from innkeeper.interfaces.console.visits import Visit
from innkeeper.kit.passwords import Password, TooBusy

TOLD = {
    "password_too_short": N_("At least %(least)s characters"),
    "password_too_uniform": N_("At least %(least)s of: small letters, capitals, digits, other signs"),
    "password_too_guessable": N_("Hard to guess, like a few words that have nothing to do with each other"),
    "password_common": N_("Not on the lists of common and stolen passwords"),
    "password_has_own_data": N_("Without the name, the address or the company of its user"),
    "password_used_before": N_("Another one than the last %(count)s"),
}
STRENGTHS = (
    N_("very easy to guess"),
    N_("easy to guess"),
    N_("not easy to guess"),
    N_("hard to guess"),
    N_("very hard to guess"),
)
# One rule to the reader, two to the server.
SAME = {"password_breached": "password_common"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The rules in the reader's language, each with whether it was broken; the strength from 0 to 4."""

    rules: Sequence[tuple[str, bool]]
    strength: int | None = None
    strength_text: str = ""


def choice_of(
    visit: Visit, site: SiteSettings, refused: Refused | None = None, password: Password | None = None
) -> Choice:
    """What the page tells, before anything was typed or after it was refused."""
    codes = {problem.code for problem in refused.problems} if refused else set()
    broken = {SAME.get(code, code) for code in codes}
    estimate = password.estimate if password else None
    return Choice(
        rules=[(_sentence(visit, rule), rule.code in broken) for rule in rules(site)],
        strength=estimate.strength if estimate else None,
        strength_text=visit.text(STRENGTHS[estimate.strength]) if estimate else "",
    )


def refuse(visit: Visit, form: Form, refused: Refused) -> Form:
    """The form with what is wrong; broken rules are marked in their list, and not told again."""
    form.refuse(refused, visit.text)
    broken = [problem for problem in refused.problems if problem.field == FIELD]
    if len(broken) > 1:
        form.errors[FIELD] = visit.text("Some of the rules above are not met.")
    return form


async def weigh(visit: Visit, text: str, against: Background) -> Password:
    """A password as it was typed, hashed and weighed; raises TooManyAttempts when the server is busy."""
    try:
        return await visit.console.calls.weigh(text, against)
    except TooBusy as error:
        raise TooManyAttempts("the server is busy checking passwords; try again in a moment") from error


def _sentence(visit: Visit, rule: Rule) -> str:
    return said(Text(TOLD[rule.code], rule.text.parameters), visit.text)
