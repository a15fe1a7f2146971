"""A security key made of software, as far as the WebAuthn standard lets anyone see; it can also misbehave."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://files.example.org"
RP_ID = "files.example.org"
MODEL = "01020304-0506-0708-0102-030405060708"
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
AAGUID_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "===")


@dataclass
class Authenticator:
    """One key with one credential. Set a field to make it lie."""

    origin: str = ORIGIN
    rp_id: str = RP_ID
    verifies: bool = True
    is_discoverable: bool | None = True
    is_synchronised: bool = False
    sign_count: int = 0
    counts: bool = True
    cross_origin: bool = False
    aaguid: str = MODEL
    certified_for: str | None = None
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.create` answers, as JSON."""
        self.user_handle = decoded(options["user"]["id"])
        client = self._client("webauthn.create", options["challenge"])
        data = self._data(ATTESTED) + self._credential()
        statement = self._statement(data, client)
        attestation = {"fmt": "packed" if statement else "none", "attStmt": statement, "authData": data}
        response = {
            "clientDataJSON": encoded(client),
            "attestationObject": encoded(cbor2.dumps(attestation)),
            "transports": ["usb", "smoke signals"],
        }
        return self._answer(response)

    def get(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.get` answers, as JSON."""
        if self.counts:
            self.sign_count += 1
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encoded(client),
            "authenticatorData": encoded(data),
            "signature": encoded(signature),
            "userHandle": encoded(self.user_handle),
        }
        return self._answer(response)

    def _answer(self, response: dict[str, Any]) -> str:
        known = None if self.is_discoverable is None else {"rk": self.is_discoverable}
        extensions = {} if known is None else {"credProps": known}
        name = encoded(self.credential_id)
        answer = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps(answer | {"clientExtensionResults": extensions})

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(told | {"crossOrigin": self.cross_origin}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        flags |= (ELIGIBLE | BACKED_UP) if self.is_synchronised else 0
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4)

    def _credential(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        size = len(self.credential_id).to_bytes(2)
        return UUID(self.aaguid).bytes + size + self.credential_id + cbor2.dumps(cose)

    def _statement(self, data: bytes, client: bytes) -> dict[str, Any]:
        """Nothing; or the signature of a maker whose certificate is for the model `certified_for`."""
        if self.certified_for is None:
            return {}
        maker = ec.generate_private_key(ec.SECP256R1())
        signature = maker.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        chain = [_certificate(maker, self.certified_for)]
        return {"alg": -7, "sig": signature, "x5c": chain}


def _certificate(maker: ec.EllipticCurvePrivateKey, model: str) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A maker of keys")])
    model_value = b"\x04\x10" + UUID(model).bytes
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, maker.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.UnrecognizedExtension(AAGUID_EXTENSION, model_value), critical=False)
        .sign(maker, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)
