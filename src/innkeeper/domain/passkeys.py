"""Passkeys and security keys: what browsers are asked, and which answers count.

The standard is WebAuthn (https://www.w3.org/TR/webauthn-3/).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialHint,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from innkeeper.domain.attestation import demand_model
from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.factors import Factor
from innkeeper.domain.texts import N_
from innkeeper.domain.users import User

LONGEST_ANSWER = 100_000
EXPECTED = N_("an answer of your passkey or security key to the question of this page")
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This site as passkeys know it: they answer only at this origin, for this name."""

    id: str
    name: str
    origin: str


class Wish(StrEnum):
    """What is to be enrolled: something that signs in alone, or only behind a password."""

    PASSKEY = "passkey"
    SECURITY_KEY = "security_key"


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a browser has enrolled. Ids and keys are base64url."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: tuple[str, ...]
    aaguid: str
    is_passkey: bool


@dataclass(frozen=True, slots=True)
class Named:
    """Whose key claims to have answered; nothing is proved yet."""

    credential_id: str
    user_handle: str | None


def relying_party(origin: str, name: str) -> RelyingParty | None:
    """The site behind an origin; None where browsers offer no passkeys: bare addresses, and plain HTTP."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_address(host) or not (parts.scheme == "https" or is_local):
        return None
    return RelyingParty(host, name, f"{parts.scheme}://{parts.netloc}")


def creation_options(
    rp: RelyingParty, user: User, wish: Wish, *, known: Iterable[Factor], models: Iterable[str] = ()
) -> tuple[dict[str, Any], str]:
    """For `navigator.credentials.create`, as JSON, and the challenge to keep.

    Named models can only be told apart by what their maker signed, so the site then asks for that.
    """
    attestation = AttestationConveyancePreference
    made = webauthn.generate_registration_options(
        rp_id=rp.id,
        rp_name=rp.name,
        user_id=user.id.encode(),
        user_name=user.username,
        user_display_name=user.name or user.username,
        attestation=attestation.DIRECT if tuple(models) else attestation.NONE,
        authenticator_selection=_selection(wish),
        exclude_credentials=[_descriptor(factor) for factor in known],
        hints=[PublicKeyCredentialHint.SECURITY_KEY] if wish is Wish.SECURITY_KEY else None,
    )
    # Whether it can be found without a user name, only this extension tells.
    options = options_to_json_dict(made) | {"extensions": {"credProps": True}}
    return options, bytes_to_base64url(made.challenge)


def request_options(rp: RelyingParty, known: Iterable[Factor] | None) -> tuple[dict[str, Any], str]:
    """For `navigator.credentials.get`, as JSON, and the challenge to keep; None asks for any passkey.

    A passkey stands for the password too, so it must verify its user; a second factor need not.
    """
    verification = UserVerificationRequirement
    made = webauthn.generate_authentication_options(
        rp_id=rp.id,
        allow_credentials=[_descriptor(factor) for factor in known or ()],
        user_verification=verification.REQUIRED if known is None else verification.DISCOURAGED,
    )
    return options_to_json_dict(made), bytes_to_base64url(made.challenge)


def new_key(
    response: str, challenge: str, rp: RelyingParty, wish: Wish, *, models: Iterable[str] = ()
) -> NewKey:
    """The key that a browser has just made; raises Invalid when anything about it is wrong."""
    with _reading():
        answer = _parsed(response)
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            require_user_verification=wish is Wish.PASSKEY,
        )
        demand_model(made, frozenset(models))
        return NewKey(
            bytes_to_base64url(made.credential_id),
            bytes_to_base64url(made.credential_public_key),
            made.sign_count,
            _transports(answer),
            made.aaguid,
            wish is Wish.PASSKEY and _is_discoverable(answer, made),
        )


def named_in(response: str) -> Named:
    """The key and the user that an answer names; raises Invalid."""
    with _reading():
        answer = _parsed(response)
        handle = answer["response"].get("userHandle")
        user_handle = base64url_to_bytes(handle).decode() if handle else None
        return Named(bytes_to_base64url(base64url_to_bytes(answer["rawId"])), user_handle)


def answered_count(response: str, challenge: str, rp: RelyingParty, factor: Factor, *, alone: bool) -> int:
    """How often the key says it was used, now that it has answered the challenge; raises Invalid.

    `alone`: it stands for the password too. Whether the count has grown is for the store to say, which alone
    knows the newest one.
    """
    with _reading():
        proved = webauthn.verify_authentication_response(
            credential=_parsed(response),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            credential_public_key=base64url_to_bytes(factor.public_key or ""),
            credential_current_sign_count=0,
            require_user_verification=alone,
        )
        return proved.new_sign_count


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever goes wrong with bytes that a stranger made up is their fault, and all they are told."""
    try:
        yield
    except Invalid:
        raise
    # The library's parsers (JSON, CBOR, certificates, keys) raise what they like.
    except Exception as error:
        raise Invalid(Problem("credential", None, EXPECTED)) from error


def _parsed(response: str) -> dict[str, Any]:
    if len(response) > LONGEST_ANSWER:
        raise ValueError("too long")
    answer: dict[str, Any] = json.loads(response)
    client = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
    # No page of ours is ever shown within another site's.
    if client.get("crossOrigin"):
        raise ValueError("from within another site")
    return answer


def _selection(wish: Wish) -> AuthenticatorSelectionCriteria:
    if wish is Wish.PASSKEY:
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    return AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )


def _descriptor(factor: Factor) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in factor.transports if name in TRANSPORTS]
    return PublicKeyCredentialDescriptor(
        id=base64url_to_bytes(factor.credential_id or ""), transports=transports or None
    )


def _transports(answer: Mapping[str, Any]) -> tuple[str, ...]:
    told = answer["response"].get("transports")
    return tuple(name for name in told if name in TRANSPORTS) if isinstance(told, list) else ()


def _is_discoverable(answer: Mapping[str, Any], made: VerifiedRegistration) -> bool:
    """Synchronised passkeys always are; for others the browser says so."""
    told = answer.get("clientExtensionResults", {}).get("credProps", {}).get("rk")
    return (
        bool(told) if told is not None else made.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
