"""Letters: every kind in every language, as text and HTML, safe whatever people are called."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from innkeeper.domain.mails import WITH_SECRET, WITH_UNSUBSCRIBE, Mail, MailKind
from innkeeper.domain.words import MailId
from innkeeper.interfaces.console.assets import HERE as CONSOLE
from innkeeper.mail import letters
from innkeeper.mail.letters import HERE, HIDDEN, Letter, Sender

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER = Sender("Harbor & Finch", "https://files.example.org")
SECRET = {"path": "/set-password/s3cret", "code": "246810"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
DATA: dict[str, object] = {
    "to_name": "Bob Byron",
    "username": "bob",
    "zone": "Europe/Berlin",
    "hours": 72,
    "minutes": 10,
    "days_left": 3,
    "at": NOW.isoformat(),
    "ends_at": NOW.isoformat(),
    "removal_at": NOW.isoformat(),
    "address": "198.51.100.7",
    "client": FIREFOX,
    "by": "ada",
    "name": "Laptop",
    "fingerprint": "SHA256:abc",
    "prefix": "ink_123456",
    "folder": "/in",
    "lines": [{"news": "upload", "path": "/in/a.txt", "by": "ada", "at": NOW.isoformat(), "times": 2}],
    "more": 3,
}
# What `queue` puts in by itself, and the one thing that a letter cannot do without.
LEAST = {name: DATA[name] for name in ("to_name", "username", "zone", "days_left")}
Key = str | tuple[str, ...] | list[str]


def mail(kind: MailKind = MailKind.INVITATION, language: str = "en", **data: object) -> Mail:
    return Mail(
        id=MailId("m1"),
        user_id=None,
        kind=kind,
        to_address="bob@example.org",
        language=language,
        data={**DATA, **data},
        created_at=NOW,
        due_at=NOW,
    )


def written(kind: MailKind = MailKind.INVITATION, language: str = "en", **data: object) -> Letter:
    return letters.write(mail(kind, language, **data), SENDER, SECRET)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", list(MailKind))
def test_every_kind_has_a_letter_in_every_language(kind: MailKind, language: str) -> None:
    letter = written(kind, language)

    assert letter.subject
    assert "\n" not in letter.subject
    assert "Harbor & Finch" in letter.subject
    for part in (letter.text, letter.html):
        assert "Bob Byron" in part
        assert "%(" not in part
    assert "Harbor &amp; Finch" in letter.html
    assert len(letter.html) < 100_000
    assert f'lang="{language}"' in letter.html
    assert ("Guten Tag" if language == "de" else "Hello") in letter.text


@pytest.mark.parametrize("kind", list(MailKind))
def test_letter_leaves_out_what_the_data_lacks(kind: MailKind) -> None:
    known = mail(kind)
    bare = letters.write(Mail(**{**fields(known), "data": LEAST}), SENDER, SECRET)

    assert "None" not in bare.text
    assert "198.51.100.7" not in bare.text


def fields(known: Mail) -> dict[str, Any]:
    return {name: getattr(known, name) for name in Mail.__dataclass_fields__}


@pytest.mark.parametrize("kind", sorted(WITH_SECRET))
def test_secret_is_in_the_body_and_never_in_the_subject(kind: MailKind) -> None:
    letter = written(kind)
    secret = "246810" if kind is MailKind.EMAIL_CODE else "https://files.example.org/set-password/s3cret"

    assert secret in letter.text
    assert secret in letter.html
    assert secret not in letter.subject


@pytest.mark.parametrize("kind", list(MailKind))
def test_letter_that_is_only_looked_at_hides_the_secret(kind: MailKind) -> None:
    shown = letters.show(mail(kind), SENDER)

    assert "s3cret" not in shown.text + shown.html
    assert (HIDDEN in shown.text) == (kind in WITH_SECRET | WITH_UNSUBSCRIBE)


def test_names_cannot_become_markup() -> None:
    letter = written(to_name='<img src="https://evil.example/x">', by="<b>Ada</b>")

    assert "<img" not in letter.html
    assert "<b>" not in letter.html
    assert "&lt;img" in letter.html


@pytest.mark.parametrize("kind", list(MailKind))
def test_names_cannot_add_lines(kind: MailKind) -> None:
    evil = "Bob\r\nBcc: eve@example.org\u2028x\u202e"
    sender = Sender(f"Harbor{evil}", "https://files.example.org")

    letter = letters.write(mail(kind, to_name=evil, name=evil, by=evil), sender, SECRET)

    assert not re.search(r"^Bcc:", letter.text, re.MULTILINE)
    assert letter.subject == letters.one_line(letter.subject)
    assert "\u202e" not in letter.subject


@pytest.mark.parametrize("kind", list(MailKind))
def test_nothing_is_loaded_from_elsewhere(kind: MailKind) -> None:
    html = written(kind).html

    assert not re.search(r"<(img|link|script|iframe|object)\b|url\(|@import", html)
    assert all(link.startswith("https://files.example.org") for link in re.findall(r'href="([^"]*)', html))


def test_look_is_the_consoles_with_a_dark_one_beside_it() -> None:
    html = written().html

    assert "background: #181f28" in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "class=" in html


def test_colours_are_those_of_the_console() -> None:
    tokens = (CONSOLE / "static/css/10-tokens.css").read_text()
    css = (HERE / "templates/letter.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    used = {"bg", "card", "sink", "ink", "ink3", "line", "accent", "solid", "onsolid"}

    pairs = [colours(tokens, name) for name in used]

    assert set(re.findall(r"#[0-9a-f]{3,6}\b", light)) == {pair[0] for pair in pairs}
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", dark)) == {pair[1] for pair in pairs}


def colours(tokens: str, name: str) -> tuple[str, str]:
    """The light and the dark value of a token, as letters have to write them."""
    found = re.search(rf"--{name}: light-dark\((.+)\);", tokens)
    assert found is not None
    first, second = re.findall(r"oklch\([^)]*\)|#\w+", found[1])
    return in_hex(first), in_hex(second)


def in_hex(colour: str) -> str:
    """OKLCH as sRGB: https://bottosson.github.io/posts/oklab/"""
    from math import cos, radians, sin

    if colour.startswith("#"):
        return colour
    lightness, chroma, hue = (float(part) for part in colour[6:-1].split())
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    curved = (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in linear)
    return "#" + "".join(f"{round(255 * max(0.0, min(1.0, part))):02x}" for part in curved)


def test_times_are_in_the_readers_zone() -> None:
    letter = written(MailKind.NEW_DEVICE, "de")

    assert "02.03.2026, 10:00:00 (Europe/Berlin)" in letter.text
    assert "Firefox, Linux" in letter.text


def test_a_stranger_cannot_write_into_a_letter_by_their_programs_name() -> None:
    letter = written(MailKind.NEW_DEVICE, client="Call 555-0100 or see https://evil.example")

    assert "evil" not in letter.text + letter.html


def test_unknown_language_is_english() -> None:
    assert "Hello Bob Byron," in written(language="tlh").text


def test_one_and_many_are_told_apart() -> None:
    assert "ends in a day" in written(MailKind.PASSWORD_EXPIRING, days_left=1).subject
    assert "in 3 Tagen" in written(MailKind.PASSWORD_EXPIRING, "de").subject


def test_every_text_is_in_the_german_catalogue() -> None:
    with (HERE / "locale/de/LC_MESSAGES/letters.po").open("rb") as source:
        german = read_po(source)
    with (HERE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {"_": None, "ngettext": (1, 2)}
    found = extract_from_dir(str(HERE), methods, options, keywords=keywords)
    wanted = {message for _, _, message, _, _ in found}

    known = {entry.id for entry in german if entry.id and all_of(entry.string)}

    assert len(wanted) > 50
    assert wanted - known == set()
    assert known - wanted == set()
    assert [entry.id for entry in german if entry.id and gaps(entry.id) != gaps(entry.string)] == []


def all_of(string: Key | None) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def gaps(text: Key | None) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text if isinstance(text, str) else " ".join(text or ())))
