"""Codes of apps and recovery codes: the RFC's vectors, the window, replays, and what people type."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from innkeeper.domain.recovery import ALPHABET, new_recovery_codes, recovery_digest
from innkeeper.domain.totp import BASE32, accepted_step, new_totp_secret, otpauth_uri

# RFC 6238, appendix B, with the last six of its eight digits; the secret is "12345678901234567890".
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


@pytest.mark.parametrize(("seconds", "expected"), VECTORS)
def test_codes_are_those_of_the_rfc(seconds: int, expected: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)

    assert accepted_step(SECRET, expected, now, None) == seconds // 30


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_code_counts_one_step_around_its_time(offset: int) -> None:
    assert accepted_step(SECRET, code(STEP + offset), NOW, None) == STEP + offset


@pytest.mark.parametrize("offset", [-2, 2])
def test_a_code_of_further_away_does_not_count(offset: int) -> None:
    assert accepted_step(SECRET, code(STEP + offset), NOW, None) is None


def test_a_code_counts_once_and_none_before_it_counts_after() -> None:
    step = accepted_step(SECRET, code(STEP), NOW, None)

    assert accepted_step(SECRET, code(STEP), NOW, step) is None
    assert accepted_step(SECRET, code(STEP - 1), NOW, step) is None
    assert accepted_step(SECRET, code(STEP + 1), NOW, step) == STEP + 1


def test_the_last_moment_of_a_step_is_still_within_it() -> None:
    assert accepted_step(SECRET, code(STEP), NOW + timedelta(seconds=59), None) == STEP
    assert accepted_step(SECRET, code(STEP), NOW + timedelta(seconds=60), None) is None


def test_gaps_in_a_code_do_not_matter() -> None:
    typed = code(STEP)

    for gapped in (f"{typed[:3]} {typed[3:]}", f" {typed}\n", f"{typed[:3]}-{typed[3:]}"):
        assert accepted_step(SECRET, gapped, NOW, None) == STEP


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\x00", "1" * 10_000]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert accepted_step(SECRET, typed, NOW, None) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_codes(typed: str) -> None:
    accepted_step(SECRET, typed, NOW, None)
    recovery_digest(typed)


def test_a_secret_has_160_bits_and_no_two_are_alike() -> None:
    secrets = {new_totp_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert all(len(secret) * 5 == 160 and set(secret) <= set(BASE32) for secret in secrets)


def test_the_uri_names_site_and_user_and_cannot_be_broken_out_of() -> None:
    uri = otpauth_uri(SECRET, username="bob&secret=x", site_name="A:B & Co/Ü?")

    parsed = pyotp.parse_uri(uri)
    assert isinstance(parsed, pyotp.TOTP)
    assert parsed.secret == SECRET
    assert parsed.issuer == "A B & Co/Ü?"
    assert parsed.name == "bob&secret=x"


def test_there_are_ten_recovery_codes_of_80_bits_in_groups() -> None:
    codes = new_recovery_codes()

    assert len(set(codes)) == 10
    assert all([len(part) for part in code.split("-")] == [4, 4, 4, 4] for code in codes)
    assert all(set(code.replace("-", "")) <= set(ALPHABET) for code in codes)


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    stored = recovery_digest("ABCD-EF01-2345-6789")

    for typed in ("abcdef0123456789", " abcd ef01 2345 6789 ", "ABCD-EFOI-2345-6789", "abcd-efol-2345-6789"):
        assert stored == recovery_digest(typed)


@pytest.mark.parametrize("typed", ["", "ABCD-EF01-2345", "UUUU-UUUU-UUUU-UUUU", "ABCD-EF01-2345-6789-0"])
def test_what_is_no_recovery_code_has_no_digest(typed: str) -> None:
    assert recovery_digest(typed) is None
