"""Passkeys and security keys: what is asked of browsers, and every answer that must not count."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innkeeper.domain import passkeys
from innkeeper.domain.errors import Invalid
from innkeeper.domain.factors import Factor
from innkeeper.domain.passkeys import NewKey, RelyingParty, Wish, relying_party
from innkeeper.domain.users import User
from innkeeper.domain.words import FactorId, FactorKind, UserId
from tests.authenticator import MODEL, ORIGIN, Authenticator, decoded, encoded

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITE = RelyingParty("files.example.org", "Innkeeper", ORIGIN)
BOB = User(id=UserId("0195-bob"), username="bob", name="Bob Byron", created_at=NOW, updated_at=NOW)
OTHER_MODEL = "cb69481e-8ff7-4039-93ec-0a2729a154a8"


def enrolled(key: Authenticator, wish: Wish = Wish.PASSKEY, models: tuple[str, ...] = ()) -> NewKey:
    options, challenge = passkeys.creation_options(SITE, BOB, wish, known=(), models=models)
    return passkeys.new_key(key.create(options), challenge, SITE, wish, models=models)


def as_factor(made: NewKey) -> Factor:
    return Factor(
        id=FactorId("f"),
        user_id=BOB.id,
        kind=FactorKind.WEBAUTHN,
        name="Key",
        credential_id=made.credential_id,
        public_key=made.public_key,
        transports=made.transports,
        created_at=NOW,
        confirmed_at=NOW,
    )


def answered(key: Authenticator, factor: Factor, *, alone: bool = True) -> int:
    options, challenge = passkeys.request_options(SITE, None if alone else [factor])
    return passkeys.answered_count(key.get(options), challenge, SITE, factor, alone=alone)


def test_a_passkey_is_asked_to_verify_its_user_and_to_be_found_without_a_name() -> None:
    options, challenge = passkeys.creation_options(SITE, BOB, Wish.PASSKEY, known=())

    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["rp"] == {"id": "files.example.org", "name": "Innkeeper"}
    assert decoded(options["user"]["id"]) == BOB.id.encode()
    assert options["challenge"] == challenge
    assert len(decoded(challenge)) >= 32


def test_a_security_key_need_not_verify_nor_remember_anyone() -> None:
    options, _ = passkeys.creation_options(SITE, BOB, Wish.SECURITY_KEY, known=())

    assert options["authenticatorSelection"]["userVerification"] == "discouraged"
    assert options["authenticatorSelection"]["residentKey"] == "discouraged"


def test_keys_that_the_user_has_are_not_enrolled_twice() -> None:
    factor = as_factor(enrolled(Authenticator()))

    options, _ = passkeys.creation_options(SITE, BOB, Wish.PASSKEY, known=[factor])

    assert [factor.credential_id] == [entry["id"] for entry in options["excludeCredentials"]]


def test_the_maker_is_asked_about_the_model_only_when_models_matter() -> None:
    anything, _ = passkeys.creation_options(SITE, BOB, Wish.PASSKEY, known=())
    chosen, _ = passkeys.creation_options(SITE, BOB, Wish.PASSKEY, known=(), models=[MODEL])

    assert (anything["attestation"], chosen["attestation"]) == ("none", "direct")


def test_a_passkey_is_enrolled_and_answers() -> None:
    key = Authenticator()

    made = enrolled(key)

    assert made.is_passkey
    assert made.transports == ("usb",)
    assert made.aaguid == MODEL
    assert answered(key, as_factor(made)) == 1
    assert answered(key, as_factor(made)) == 2


@pytest.mark.parametrize(
    ("key", "wish"),
    [
        (Authenticator(is_discoverable=False), Wish.PASSKEY),
        (Authenticator(is_discoverable=None), Wish.PASSKEY),
        (Authenticator(), Wish.SECURITY_KEY),
        (Authenticator(verifies=False), Wish.SECURITY_KEY),
    ],
)
def test_what_cannot_be_found_or_does_not_verify_is_only_a_second_factor(
    key: Authenticator, wish: Wish
) -> None:
    assert not enrolled(key, wish).is_passkey


def test_a_synchronised_passkey_can_be_found_even_if_the_browser_does_not_say_so() -> None:
    assert enrolled(Authenticator(is_discoverable=None, is_synchronised=True)).is_passkey


@pytest.mark.parametrize(
    "key",
    [
        Authenticator(origin="https://files.example.org.evil.test"),
        Authenticator(origin="http://files.example.org"),
        Authenticator(origin="https://files.example.org:8443"),
        Authenticator(rp_id="example.org"),
        Authenticator(verifies=False),
        Authenticator(cross_origin=True),
    ],
    ids=["origin", "scheme", "port", "rp", "user not verified", "within another site"],
)
def test_a_passkey_made_elsewhere_or_without_its_user_is_refused(key: Authenticator) -> None:
    with pytest.raises(Invalid):
        enrolled(key)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origin", "https://evil.test"),
        ("rp_id", "evil.test"),
        ("verifies", False),
        ("cross_origin", True),
        ("key", Authenticator().key),
    ],
)
def test_an_answer_from_elsewhere_or_another_key_is_refused(name: str, value: Any) -> None:
    key = Authenticator()
    factor = as_factor(enrolled(key))
    setattr(key, name, value)

    with pytest.raises(Invalid):
        answered(key, factor)


def test_an_answer_to_another_challenge_is_refused() -> None:
    key = Authenticator()
    factor = as_factor(enrolled(key))
    options, _ = passkeys.request_options(SITE, [factor])
    _, other = passkeys.request_options(SITE, [factor])

    with pytest.raises(Invalid):
        passkeys.answered_count(key.get(options), other, SITE, factor, alone=False)


def test_behind_a_password_a_key_need_not_verify_its_user() -> None:
    key = Authenticator(verifies=False)
    factor = as_factor(enrolled(key, Wish.SECURITY_KEY))

    assert answered(key, factor, alone=False) == 1


def test_an_answer_for_making_a_key_is_none_for_signing_in() -> None:
    key = Authenticator()
    options, challenge = passkeys.creation_options(SITE, BOB, Wish.PASSKEY, known=())
    factor = as_factor(enrolled(key))

    with pytest.raises(Invalid):
        passkeys.new_key(key.get(options), challenge, SITE, Wish.PASSKEY)
    with pytest.raises(Invalid):
        passkeys.answered_count(key.create(options), challenge, SITE, factor, alone=True)


def test_an_allowed_model_with_its_makers_word_is_enrolled() -> None:
    made = enrolled(Authenticator(certified_for=MODEL), models=(MODEL,))

    assert made.aaguid == MODEL


@pytest.mark.parametrize(
    "key",
    [
        Authenticator(certified_for=None),
        Authenticator(aaguid=OTHER_MODEL, certified_for=OTHER_MODEL),
        Authenticator(certified_for=OTHER_MODEL),
    ],
    ids=["nobody vouches", "another model", "certificate of another model"],
)
def test_a_model_that_is_not_allowed_or_only_claims_to_be_is_refused(key: Authenticator) -> None:
    with pytest.raises(Invalid) as refused:
        enrolled(key, models=(MODEL,))

    assert refused.value.problems[0].code == "model_not_allowed"


def test_the_site_is_known_by_its_host_and_its_whole_origin() -> None:
    assert relying_party("https://files.example.org:8443", "S") == RelyingParty(
        "files.example.org", "S", "https://files.example.org:8443"
    )
    assert relying_party("http://localhost:8080", "S") == RelyingParty(
        "localhost", "S", "http://localhost:8080"
    )


@pytest.mark.parametrize(
    "origin", ["http://files.example.org", "https://192.0.2.7", "https://[2001:db8::1]:8443", "", "https://"]
)
def test_where_browsers_offer_no_passkeys_there_is_no_relying_party(origin: str) -> None:
    assert relying_party(origin, "S") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CLIENT = encoded(json.dumps({"type": "webauthn.create", "challenge": "AAAA", "origin": ORIGIN}).encode())


@given(st.one_of(st.text(max_size=50), JSON.map(json.dumps)))
def test_rubbish_is_refused_and_breaks_nothing(response: str) -> None:
    _refused(response)


@given(
    st.fixed_dictionaries(
        {
            "id": JSON,
            "rawId": JSON | st.just("AAAA"),
            "type": st.just("public-key") | JSON,
            "clientExtensionResults": JSON,
            "response": st.fixed_dictionaries(
                {
                    "clientDataJSON": st.just(CLIENT) | JSON,
                    "attestationObject": st.binary(max_size=80).map(encoded) | JSON,
                    "authenticatorData": st.binary(max_size=80).map(encoded) | JSON,
                    "signature": st.binary(max_size=80).map(encoded) | JSON,
                    "userHandle": JSON,
                    "transports": JSON,
                }
            ),
        }
    ).map(json.dumps)
)
def test_answers_of_the_right_shape_with_rubbish_in_them_are_refused(response: str) -> None:
    _refused(response)


@pytest.mark.parametrize("response", ["[" * 90_000, "{" * 200_000, '{"response": 1}'])
def test_monsters_are_refused(response: str) -> None:
    _refused(response)


def _refused(response: str) -> None:
    factor = as_factor(NewKey("AAAA", "AAAA", 0, (), "", False))
    with pytest.raises(Invalid):
        passkeys.new_key(response, "AAAA", SITE, Wish.PASSKEY)
    with pytest.raises(Invalid):
        passkeys.answered_count(response, "AAAA", SITE, factor, alone=True)
