"""Which models of keys may be enrolled: what a key's own maker signed about it."""

from collections.abc import Set
from typing import cast

from cryptography import x509
from webauthn.helpers import parse_attestation_object
from webauthn.registration.verify_registration_response import VerifiedRegistration

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.texts import N_

# The model in a certificate: https://www.w3.org/TR/webauthn-3/#sctn-packed-attestation-cert-requirements
MODEL = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
EXPECTED_MODEL = N_(
    "a key of one of the models that this site allows, and a browser that may tell which one it is"
)


def demand_model(made: VerifiedRegistration, models: Set[str]) -> None:
    """Raises Invalid unless the key is of one of these models (AAGUIDs); no models means any.

    A key that names its model without a certificate may claim what it likes, so it is refused.
    """
    if models and not (made.aaguid in models and _is_vouched_for(made)):
        raise Invalid(Problem("credential", made.aaguid, EXPECTED_MODEL, "model_not_allowed"))


def _is_vouched_for(made: VerifiedRegistration) -> bool:
    """A maker's certificate signed it (the library has checked that) and is for no other model."""
    chain = parse_attestation_object(made.attestation_object).att_stmt.x5c
    if not chain:
        return False
    named = _model_in(x509.load_der_x509_certificate(chain[0]))
    return named is None or named == made.aaguid


def _model_in(certificate: x509.Certificate) -> str | None:
    try:
        found = certificate.extensions.get_extension_for_oid(MODEL).value
    except x509.ExtensionNotFound:
        return None
    value = cast("x509.UnrecognizedExtension", found).value
    # An OCTET STRING within: two bytes of head, then the sixteen of the AAGUID.
    digits = value[2:].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
