"""Who reads a page, and how: the person, their rights, language, time zone and theme."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request

from innkeeper.domain.actors import STRANGER, Actor
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.users import User
from innkeeper.interfaces.console.languages import Languages
from innkeeper.interfaces.console.navigation import Entry
from innkeeper.interfaces.console.times import zone_of

THEMES = ("light", "auto", "dark")


@dataclass(frozen=True, slots=True)
class Site:
    """What every page shows of the site, and what counts for those who chose nothing themselves."""

    name: str = "Innkeeper"
    language: str = "en"
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The one a page is made for; strangers have no user. By `factor_due_at` they need a second factor."""

    language: str = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    theme: str = "auto"
    site: Site = field(default_factory=Site)
    actor: Actor = STRANGER
    user: User | None = None
    factor_due_at: datetime | None = None

    def may(self, right: Right, at_least: Reach = Reach.GROUPS) -> bool:
        """True when the reader's roles carry the right that far."""
        return reach(self.actor, right) >= at_least

    def sees(self, entry: Entry) -> bool:
        """True when the page belongs in this reader's navigation."""
        return entry.right is None or self.may(entry.right, entry.reach)

    @property
    def is_administrator(self) -> bool:
        """True for everyone who looks after other people's accounts."""
        return self.may(Right.USER_READ)


def make_reader(
    request: Request,
    languages: Languages,
    *,
    site: Site,
    actor: Actor = STRANGER,
    user: User | None = None,
    factor_due_at: datetime | None = None,
) -> Reader:
    """Language: user, cookie, what the browser accepts, site: the first that speaks up. Zone: user, site."""
    cookies = request.cookies
    own = (user.language, user.time_zone) if user else ("", "")
    theme = cookies.get("theme", "auto")
    return Reader(
        language=languages.choose(
            _override(cookies, languages) or own[0],
            cookies.get("language", ""),
            site.language,
            accepted=request.headers.get("Accept-Language", ""),
        ),
        zone=zone_of(own[1], site.time_zone),
        theme=theme if theme in THEMES else "auto",
        site=site,
        actor=actor,
        user=user,
        factor_due_at=factor_due_at,
    )


def _override(cookies: dict[str, str], languages: Languages) -> str:
    """The pseudo-language beats a user's own choice where developers switched it on."""
    return "xx" if cookies.get("language") == "xx" and "xx" in languages.catalogues else ""
