"""The documents tell the truth: every name is in its page, every link leads somewhere."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

from innkeeper.domain.access import ABILITIES, Ability
from innkeeper.domain.events import Kind
from innkeeper.domain.fields import CHECKERS
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.rights import RIGHTS, Reach, Right
from innkeeper.domain.scopes import SCOPES, KeyScope
from innkeeper.domain.settings import SiteSettings
from innkeeper.domain.words import AuthenticationMethod, Level, Protocol, Role
from innkeeper.settings import Settings
from innkeeper.sources.columns import COMPUTED

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Put together here, so that this file does not hold what it forbids.
PRIVATE = [
    *("/" + name + "/" for name in ("work", "root")),
    *("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org"),
    "-----BEGIN OPENSSH " + "PRIVATE KEY",
]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def rows(text: str) -> dict[str, list[str]]:
    """The table rows of a page by the code word that they begin with."""
    found = (line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `"))
    return {cells[0].split("`")[1]: [cell.strip() for cell in cells[1:]] for cells in found}


def missing(names: Iterable[str], text: str) -> list[str]:
    return [name for name in names if f"`{name}`" not in text]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_every_kind_of_event_is_in_its_page_and_no_other() -> None:
    assert {kind.value for kind in Kind} == set(rows(page("events.md")))
    assert not missing(WhyNot, page("events.md"))


def test_every_setting_is_in_its_page_and_no_other() -> None:
    site = {field.name for field in fields(SiteSettings)}

    described = {name for name in rows(page("settings.md")) if "/" not in name and "." not in name}

    assert set(Settings.model_fields) | site == described - {"lock"}


def test_every_user_field_is_a_column_in_its_page() -> None:
    text = page("csv.md")

    assert set(CHECKERS) == set(rows(text))
    assert not missing((*COMPUTED, *AuthenticationMethod, *Protocol), text)


def test_every_level_is_in_its_page_with_its_abilities() -> None:
    table = rows(page("permissions.md"))

    for level in Level:
        marks = [ability for ability, mark in zip(Ability, table[level], strict=True) if mark]
        assert [ability for ability in Ability if ability & ABILITIES[level]] == marks, level


def test_every_right_is_in_its_page_with_its_reach() -> None:
    text = page("permissions.md")
    table = rows(text)
    words = {Reach.NOBODY: "–", Reach.SELF: "self", Reach.GROUPS: "groups", Reach.ANYONE: "anyone"}
    order = (Role.SITE_ADMINISTRATOR, Role.READ_ONLY_ADMINISTRATOR, Role.GROUP_ADMINISTRATOR, Role.USER)

    for right in Right:
        assert [words[RIGHTS[role].get(right, Reach.NOBODY)] for role in order] == table[right], right
    assert not missing(Role, text)


def test_every_scope_is_in_its_page_with_its_rights() -> None:
    table = rows(page("permissions.md"))

    for scope in KeyScope:
        assert set(re.findall(r"`([^`]+)`", table[scope][0])) == SCOPES[scope], scope


def test_every_decision_is_in_the_list() -> None:
    listed = set(LINK.findall(page("adr/README.md")))

    assert {path.name for path in (ROOT / "docs/adr").glob("0*.md")} == listed


def test_links_lead_to_files_that_exist() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked("*.md")
        for target in LINK.findall(path.read_text())
        if not target.startswith(("http:", "https:", "mailto:", "#"))
        and not (path.parent / target.partition("#")[0]).exists()
    ]

    assert not broken


def test_files_named_in_the_documents_exist() -> None:
    named = re.compile(
        r"`((?:src|docs|tests|bench|domain|store|actions|files|sources|subscribers|jobs|kit)/[\w/.]+)`"
    )
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked("*.md")
        for target in named.findall(path.read_text())
        if not (ROOT / target).exists() and not (ROOT / "src/innkeeper" / target).exists()
    ]

    assert not broken


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked()
        if (content := readable(path)) is not None
        for word in PRIVATE
        if word in content
    ]

    assert not found


def readable(path: Path) -> str | None:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return None
