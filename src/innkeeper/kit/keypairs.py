"""Makes key pairs for SSH, the private half in OpenSSH's own format. RSA takes up to a second."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ecdsa_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

# What ssh-keygen makes when it is asked for RSA.
RSA_BITS = 3072
# ssh-keygen asks for five characters at least.
SHORTEST_PASSPHRASE, LONGEST_PASSPHRASE = 5, 200
PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey


class KeyKind(StrEnum):
    """The kinds of key that are made, by the names that ssh-keygen knows them by."""

    ED25519 = "ed25519"
    ECDSA = "ecdsa"
    RSA = "rsa"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key: the private half as a file for OpenSSH, the public half as one line without a comment."""

    private_key: str = field(repr=False)
    public_key: str


def make_key_pair(kind: KeyKind, *, passphrase: str = "") -> KeyPair:
    """A new key pair; with a passphrase the private half is of no use without it."""
    key = MAKERS[kind]()
    encryption: KeySerializationEncryption = (
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption)
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return KeyPair(private.decode(), public.decode())


MAKERS: dict[KeyKind, Callable[[], PrivateKey]] = {
    KeyKind.ED25519: Ed25519PrivateKey.generate,
    KeyKind.ECDSA: lambda: new_ecdsa_key(SECP256R1()),
    KeyKind.RSA: lambda: new_rsa_key(65537, RSA_BITS),
}
