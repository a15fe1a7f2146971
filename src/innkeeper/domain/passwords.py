"""What a password must be, by the site's rules and for this user; and until when it may stay."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.texts import N_, Text
from innkeeper.domain.users import LOCKABLE, User
from innkeeper.domain.words import AuthenticationMethod, Status
from innkeeper.kit.passwords import (
    LONGEST_PASSWORD,
    Estimate,
    Password,
    has_controls,
    is_imported,
    normalise,
    verify,
)

FIELD, IMPORTED = "password", "imported_password_hash"
# Who may be in, or may once there is a password or time has passed.
OPEN = frozenset({Status.ACTIVE, Status.INVITED, Status.LOCKED})
# The fields of a user that a password may not repeat.
ABOUT = ("username", "name", "email", "company")
# Parts of a name that are shorter stand in too many words to be forbidden in passwords.
SHORTEST_WORD = 4
# What zxcvbn gets to see: its time grows with the square of the length, and it goes through all that the
# signs may stand for (4 for a, 1 for i or l); a password could keep it busy for seconds. So many characters
# are enough to be as strong as it can tell, and no word that people spell with signs has more kinds of them.
SEEN, MOST_SIGNS = 32, 6
# What people hang on to a common password so that it looks like another.
TAIL = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as a reader is told it, with the code of the problem when it is broken."""

    code: str
    text: Text

    @property
    def problem(self) -> Problem:
        return Problem(FIELD, None, self.text, self.code)


def rules(site: SiteSettings) -> list[Rule]:
    """The rules that are in force, to be told before somebody chooses."""
    told = [_too_short(site)]
    if site.password_minimum_classes > 1:
        told.append(_too_uniform(site))
    if site.password_minimum_strength:
        told.append(TOO_GUESSABLE)
    if site.password_refuse_common:
        told.append(COMMON)
    return [*told, HAS_OWN_DATA, *([used_before(site)] if site.password_history else [])]


def broken_rules(
    password: Password, user: User, site: SiteSettings, *, earlier: Sequence[str] = ()
) -> list[Problem]:
    """Every rule that a new password breaks. `earlier`: the hashes of passwords that may not come again.

    A password whose text is not known any more was held against the rules before.
    """
    if password.text is None:
        return []
    unfit = _why_unfit(password.text)
    if unfit:
        return [unfit.problem]
    text = normalise(password.text)
    found = [
        (_too_short(site), len(text) < site.password_minimum_length),
        (_too_uniform(site), _classes(text) < site.password_minimum_classes),
        (TOO_GUESSABLE, _strength(password, text, user) < site.password_minimum_strength),
        (COMMON, site.password_refuse_common and _is_common(text)),
        (BREACHED, site.password_refuse_common and password.is_breached),
        (HAS_OWN_DATA, any(word in _folded(text) for word in own_words(user))),
        (used_before(site), _is_among(password, text, earlier)),
    ]
    return [rule.problem for rule, is_broken in found if is_broken]


def check_password(
    password: Password, user: User, site: SiteSettings, *, earlier: Sequence[str] = ()
) -> None:
    """Hold a new password against the rules; raises Invalid with all it breaks, without the password."""
    problems = broken_rules(password, user, site, earlier=earlier)
    if problems:
        raise Invalid(*problems)


def estimate(text: str, words: tuple[str, ...]) -> Estimate:
    """How hard a password is to guess for someone who knows these words. Takes some milliseconds."""
    # Its lists take a while to read in, and a server starts without them.
    from zxcvbn import matching, scoring, time_estimates

    seen = normalise(text)[:SEEN]
    # Not by zxcvbn(): that one keeps the words for whoever comes next.
    known = matching.RANKED_DICTIONARIES | {"user_inputs": matching.build_ranked_dict(words)}
    matchers = [
        matching.dictionary_match,
        matching.reverse_dictionary_match,
        matching.spatial_match,
        matching.repeat_match,
        matching.sequence_match,
        matching.regex_match,
        matching.date_match,
    ]
    if len(set(seen) & set().union(*matching.L33T_TABLE.values())) <= MOST_SIGNS:
        matchers.append(matching.l33t_match)
    matches = [match for matcher in matchers for match in matcher(seen, _ranked_dictionaries=known)]
    found: Any = scoring.most_guessable_match_sequence(seen, matches)
    return Estimate(int(time_estimates.guesses_to_score(found["guesses"])), words)


def own_words(user: User) -> tuple[str, ...]:
    """The parts of a user's names, address and company that a password may not contain."""
    return words_of(*(getattr(user, name) for name in ABOUT))


def words_of(username: str, name: str, email: str, company: str) -> tuple[str, ...]:
    """The same out of the values of these fields."""
    local, _, domain = email.partition("@")
    given = (username, name, local, domain.rpartition(".")[0], company)
    words = (word for text in given for word in _words(text))
    return tuple(dict.fromkeys(word for word in words if len(word) >= SHORTEST_WORD))


def expires_at(user: User, site: SiteSettings) -> datetime | None:
    """When the user's password must be changed at the latest; None for never, or without a password."""
    days = user.password_validity_days or site.password_validity_days
    if not days or user.password_changed_at is None or not has_own_password(user):
        return None
    return user.password_changed_at + timedelta(days=days)


def days_left(user: User, site: SiteSettings, now: datetime) -> int | None:
    """For how many days more the password may stay, the last one begun counted; None for ever."""
    end = expires_at(user, site)
    return None if end is None else max(0, -((now - end) // timedelta(days=1)))


def is_due(user: User, site: SiteSettings, now: datetime) -> bool:
    """The user has a password and must change it before anything else."""
    end = expires_at(user, site)
    is_overdue = end is not None and now >= end
    return has_own_password(user) and (user.require_password_change or is_overdue)


def has_own_password(user: User) -> bool:
    """There is a password that Innkeeper keeps, and the user's method asks for it."""
    return user.password_hash is not None and user.authentication_method in LOCKABLE


def used_before(site: SiteSettings) -> Rule:
    """The rule against taking an earlier password again."""
    last = {"count": max(site.password_history, 1)}
    return Rule("password_used_before", Text("none of the user's last %(count)s passwords", last))


def imported_hash_problems(user: User, *, with_password: bool) -> list[Problem]:
    """What speaks against taking a hash that another product made."""
    if with_password:
        return [Problem(IMPORTED, None, "either a password or a hash, not both")]
    if user.authentication_method is AuthenticationMethod.PASSWORD_WITH_IMPORTED_HASH:
        return []
    expected = N_("a user whose authentication_method is password_with_imported_hash")
    return [Problem(IMPORTED, None, expected, "wrong_method")]


def invitation_problems(user: User) -> list[Problem]:
    """What keeps a new user from being invited, where their method asks for it."""
    if user.email or not user.is_invited:
        return []
    expected = N_("an address, to which the link to the first password is sent")
    return [Problem("email", None, expected, "address_missing")]


def takes_imported(user: User, imported_hash: str) -> bool:
    """An imported hash counts until the user has a password of their own; it may well be sent again."""
    stored = user.password_hash
    return stored is None or (is_imported(stored) and stored != imported_hash)


def may_use_link(user: User, now: datetime) -> bool:
    """A link by mail may lead this user to a password: one is asked of them, and they may be in."""
    return user.authentication_method in LOCKABLE and user.status(now) in OPEN


def _why_unfit(text: str) -> Rule | None:
    if not text:
        return MISSING
    if len(text) > LONGEST_PASSWORD:
        return TOO_LONG
    return HAS_CONTROLS if has_controls(text) else None


def _classes(text: str) -> int:
    """How many of lower case, upper case, digits and all the rest there are."""
    kinds = {unicodedata.category(character) for character in text}
    return len(kinds & {"Ll"}) + len(kinds & {"Lu"}) + len(kinds & {"Nd"}) + bool(kinds - {"Ll", "Lu", "Nd"})


def _strength(password: Password, text: str, user: User) -> int:
    words = own_words(user)
    known = password.estimate
    return (known if known is not None and known.words == words else estimate(text, words)).strength


def _is_common(text: str) -> bool:
    from zxcvbn import matching

    plain = text.casefold()
    core = plain.strip("0123456789!?.,-_+*#$%&@ ")
    spellings = {plain, core} if len(plain) - len(core) <= TAIL else {plain}
    return any(spelling in matching.RANKED_DICTIONARIES["passwords"] for spelling in spellings)


def _is_among(password: Password, text: str, earlier: Sequence[str]) -> bool:
    known = password.matches
    return any(known[stored] if stored in known else verify(stored, text) for stored in earlier)


def _words(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in _folded(text)).split()


def _folded(text: str) -> str:
    """Without case, accents and compatibility forms."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _too_short(site: SiteSettings) -> Rule:
    least = {"least": site.password_minimum_length}
    return Rule("password_too_short", Text("at least %(least)s characters", least))


def _too_uniform(site: SiteSettings) -> Rule:
    kinds = Text(
        "at least %(least)s of lower case, upper case, digits and other characters",
        {"least": site.password_minimum_classes},
    )
    return Rule("password_too_uniform", kinds)


MISSING = Rule("password_missing", Text("a password"))
TOO_LONG = Rule(
    "password_too_long", Text("text of at most %(limit)s characters", {"limit": LONGEST_PASSWORD})
)
HAS_CONTROLS = Rule("password_has_controls", Text("text without control characters"))
TOO_GUESSABLE = Rule("password_too_guessable", Text("a password that is harder to guess"))
COMMON = Rule("password_common", Text("a password that is not on the list of common ones"))
BREACHED = Rule("password_breached", Text("a password that was never stolen elsewhere"))
HAS_OWN_DATA = Rule(
    "password_has_own_data", Text("a password without the user's name, address or company in it")
)
