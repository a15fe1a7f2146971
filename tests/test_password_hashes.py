"""Hashes of passwords: our own, and those that other products made."""

import base64
import hashlib
import time
from typing import Any

import argon2
import pytest
from passlib import hash as handlers

from innkeeper.kit.imported_hashes import TooCostly, UnknownHash, understand
from innkeeper.kit.passwords import (
    Hasher,
    TooBusy,
    is_fit,
    is_imported,
    is_outdated,
    make_password,
    normalise,
    renew,
    verify,
)

PASSWORD = "sécret café"
# From Openwall and PyCA (bcrypt), the GNU C library (crypt), RFC 6070 and RFC 7914 (PBKDF2), and the
# reference implementation of Argon2.
VECTORS = [
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("rasmuslerdorf", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq"),
    (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    (
        "Hello world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
    ),
    ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("Hello world!", "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1"),
    ("password", "$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE"),
    ("passwd", "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw="),
    ("password", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"),
    ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
    ("password", "5f4dcc3b5aa765d61d8327deb882cf99"),
    ("password", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8"),
    ("password", "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"),
]


def made(name: str, **costs: Any) -> str:
    handler = getattr(handlers, name)
    return str((handler.using(**costs) if costs else handler).hash(PASSWORD))


def salted(name: str, text: str, salt: str, *, before: bool) -> str:
    content = salt + text if before else text + salt
    return hashlib.new(name, content.encode()).hexdigest()


MADE = {
    "bcrypt-2a": made("bcrypt", ident="2a", rounds=4),
    "bcrypt-2b": made("bcrypt", ident="2b", rounds=4),
    "bcrypt-2y": made("bcrypt", ident="2y", rounds=4),
    "argon2i": argon2.PasswordHasher(1, 256, 1, type=argon2.Type.I).hash(PASSWORD),
    "argon2d": argon2.PasswordHasher(1, 256, 1, type=argon2.Type.D).hash(PASSWORD),
    "argon2id": argon2.PasswordHasher(1, 256, 2).hash(PASSWORD),
    "argon2-django": "argon2" + argon2.PasswordHasher(1, 256, 1).hash(PASSWORD),
    "pbkdf2-sha1": made("pbkdf2_sha1", rounds=10),
    "pbkdf2-sha256": made("pbkdf2_sha256", rounds=10),
    "pbkdf2-sha512": made("pbkdf2_sha512", rounds=10),
    "pbkdf2-sha1-django": made("django_pbkdf2_sha1", rounds=10),
    "pbkdf2-sha256-django": made("django_pbkdf2_sha256", rounds=10),
    "sha256-crypt": made("sha256_crypt", rounds=1000),
    "sha512-crypt": made("sha512_crypt", rounds=1000),
    "sha512-crypt-ldap": "{CRYPT}" + made("sha512_crypt", rounds=1000),
    "md5-crypt": made("md5_crypt"),
    "ssha": made("ldap_salted_sha1"),
    "ssha-lower": "{ssha}" + made("ldap_salted_sha1").removeprefix("{SSHA}"),
    "ssha256": made("ldap_salted_sha256"),
    "ssha512": made("ldap_salted_sha512"),
    "md5-django": made("django_salted_md5"),
    "sha1-django": made("django_salted_sha1"),
    "md5-salt-behind": salted("md5", PASSWORD, "a:b", before=False) + ":a:b",
    "md5-salt-before": salted("md5", PASSWORD, "pepper", before=True) + ":pepper",
    "sha1-salt": salted("sha1", PASSWORD, "salz", before=True) + ":salz",
    "sha256-salt": salted("sha256", PASSWORD, "salz", before=False) + ":salz",
    "sha512-plain": hashlib.sha512(PASSWORD.encode()).hexdigest(),
}


@pytest.mark.parametrize(("password", "stored"), VECTORS)
def test_a_known_vector_is_verified(password: str, stored: str) -> None:
    understood = understand(stored)

    assert verify(understood, password)
    assert not verify(understood, password + "x")
    assert not verify(understood, password.swapcase())


@pytest.mark.parametrize("form", MADE)
def test_a_hash_of_another_library_is_verified(form: str) -> None:
    understood = understand(f" {MADE[form]}\n")

    assert verify(understood, PASSWORD)
    assert not verify(understood, PASSWORD.upper())
    assert not verify(understood, "")
    assert is_outdated(understood)


@pytest.mark.parametrize("form", MADE)
def test_what_cannot_be_a_password_is_simply_wrong(form: str) -> None:
    understood = understand(MADE[form])

    assert not verify(understood, PASSWORD + "\x00")
    assert not verify(understood, "x" * 5000)
    assert not verify(understood, "\ud800")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "x" * 32,
        "5f4dcc3b5aa765d61d8327deb882cf9",
        "5f4dcc3b5aa765d61d8327deb882cf99:",
        "5f4dcc3b5aa765d61d8327deb882cf99:" + "s" * 600,
        "5f4dcc3b5aa765d61d8327deb882cf99:a\x00b",
        "$2b$05$tooshort",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$pbkdf2-sha256$10$AAAA$AAAA",
        "$6$rounds=10$salt$" + "a" * 86,
        "$5$salt$" + "a" * 42,
        "{SSHA}AAAA",
        "{SSHA}AAA",
        "{SMD5}" + base64.b64encode(b"x" * 20).decode(),
        "$argon2id$v=19$m=65536,t=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2x$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ],
)
def test_what_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(UnknownHash):
        understand(text)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("$2b$15$" + "a" * 53, "bcrypt: expected at most cost=14"),
        ("$2b$31$" + "a" * 53, "bcrypt: expected at most cost=14"),
        ("$6$rounds=1000001$salt$" + "a" * 86, "sha512_crypt: expected at most rounds=1000000"),
        ("$5$rounds=999999999$salt$" + "a" * 43, "sha256_crypt: expected at most rounds=1000000"),
        ("$pbkdf2$3000001$c2FsdA$SwB5", "pbkdf2_sha1: expected at most iterations=3000000"),
        ("pbkdf2_sha256$99999999$salt$Vaw=", "django_pbkdf2_sha256: expected at most iterations=3000000"),
        (
            "$argon2id$v=19$m=262145,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "argon2: expected at most m=262144,t=4,p=16",
        ),
        (
            "$argon2d$v=19$m=65536,t=500,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "argon2: expected at most m=262144,t=4,p=16",
        ),
    ],
)
def test_a_hash_of_absurd_cost_is_refused_without_computing_it(text: str, most: str) -> None:
    begun = time.perf_counter()

    with pytest.raises(TooCostly, match=most):
        understand(text)

    assert time.perf_counter() - begun < 0.5


def test_bcrypt_looks_at_72_bytes_as_it_always_did() -> None:
    stored = understand(str(handlers.bcrypt.using(rounds=4).hash("a" * 72)))

    assert verify(stored, "a" * 72)
    assert verify(stored, "a" * 100)
    assert not verify(stored, "a" * 71)


def test_a_foreign_hash_of_decomposed_text_is_verified_as_it_was_typed() -> None:
    decomposed = "cafe\u0301"
    stored = understand(hashlib.md5(decomposed.encode()).hexdigest())

    assert verify(stored, decomposed)
    assert not verify(stored, "café")


def test_an_argon2_hash_of_decomposed_text_from_elsewhere_is_verified() -> None:
    decomposed = "cafe\u0301 du matin"
    stored = understand(argon2.PasswordHasher(1, 256, 1).hash(decomposed))

    assert verify(stored, decomposed)


def test_the_same_password_from_every_keyboard() -> None:
    stored = make_password("Zoë’s café 東京").hash

    assert verify(stored, "Zoe\u0308’s cafe\u0301 東京")
    assert verify(stored, "Zoë’s\u00a0café\u3000東京")
    assert not verify(stored, "Zoe’s cafe 東京")
    assert not verify(stored, "zoë’s café 東京")
    assert not verify(stored, "Zoë’s café 東京 ")


def test_a_full_width_letter_is_not_the_plain_one() -> None:
    assert not verify(make_password("ｐassword").hash, "password")


@pytest.mark.parametrize(
    ("text", "normal"),
    [("a b", "a b"), ("a\u00a0b", "a b"), ("a\u2003b", "a b"), ("e\u0301", "é"), ("ﬁ", "ﬁ"), ("\u212b", "Å")],
)
def test_normalised(text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize("text", ["", "a\x00b", "a\nb", "a\x7fb", "a\x85b", "\ud800", "x" * 1025])
def test_what_cannot_be_a_password_gets_no_hash(text: str) -> None:
    assert not is_fit(text)
    assert make_password(text).hash == ""


def test_the_longest_password_is_1024_characters_and_4_kilobytes() -> None:
    longest = "😀" * 1024

    assert len(longest.encode()) == 4096
    assert verify(make_password(longest).hash, longest)
    assert not verify(make_password(longest).hash, longest[:-1])


def test_our_own_hash_is_not_outdated_and_others_are() -> None:
    own = make_password("correct horse battery").hash

    assert not is_imported(own)
    assert not is_outdated(own)
    assert is_outdated(argon2.PasswordHasher(1, 256, 1).hash("x"))
    assert is_outdated(MADE["bcrypt-2b"])
    assert is_imported(MADE["argon2i"])


def test_a_hash_is_renewed_only_for_another_password() -> None:
    own = make_password("correct horse battery").hash

    assert renew(own, "correct horse battery") is None
    assert renew(MADE["bcrypt-2b"], PASSWORD) is None
    assert verify(renew(own, "another") or "", "another")
    assert verify(renew(None, "another") or "", "another")


def test_a_password_does_not_show_itself() -> None:
    assert "battery" not in repr(make_password("correct horse battery"))


def test_a_stored_text_that_is_no_hash_verifies_nothing() -> None:
    assert not verify("$argon2id$broken", "x")
    assert not verify("broken", "x")


async def test_a_wrong_password_takes_as_long_for_every_kind_of_hash_and_for_nobody() -> None:
    hasher = Hasher(wrong_takes=0.3)
    stored = [None, make_password("right").hash, MADE["bcrypt-2b"], MADE["md5-crypt"]]
    times = []
    for one in stored:
        begun = time.perf_counter()
        assert not await hasher.verify(one, "wrong")
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    assert not await hasher.verify(stored[1], "x" * 5000)
    times.append(time.perf_counter() - begun)
    hasher.close()

    assert all(0.3 <= took < 0.36 for took in times)


async def test_a_right_password_is_not_held_back() -> None:
    hasher = Hasher(wrong_takes=5)
    begun = time.perf_counter()

    assert await hasher.verify(MADE["md5-crypt"], PASSWORD)

    assert time.perf_counter() - begun < 1
    hasher.close()


async def test_nobody_has_a_password() -> None:
    hasher = Hasher(wrong_takes=0)

    assert not await hasher.verify(None, "nobody has this password")
    hasher.close()


async def test_too_many_at_once_are_refused() -> None:
    hasher = Hasher(longest_queue=0)

    with pytest.raises(TooBusy):
        await hasher.make("x")
    hasher.close()
