"""SSH keys and API keys: what a user holds besides a password."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from innkeeper.domain.errors import Invalid, Problem
from innkeeper.domain.texts import N_, Text
from innkeeper.domain.words import ApiKeyId, SshKeyId, UserId

HARDWARE_KEYS = ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")
ED25519 = "ssh-ed25519"
# RFC 8709 §4: the name, then 32 bytes, each behind its length. There is nothing more to check in such a key.
ED25519_HEAD = len(ED25519).to_bytes(4) + ED25519.encode() + (32).to_bytes(4)
LONGEST_LABEL = 200
EXPECTED_KEY = N_("one OpenSSH public key line, like 'ssh-ed25519 AAAA… label'")


@dataclass(frozen=True, slots=True, kw_only=True)
class SshKey:
    """A public key; `fingerprint` is OpenSSH's, `SHA256:` and unpadded base64."""

    id: SshKeyId
    user_id: UserId
    label: str
    algorithm: str
    public_key: str
    fingerprint: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_interface: str = ""
    created_at: datetime

    @property
    def is_hardware(self) -> bool:
        """True for a key that never leaves a security key, and signs only at a touch of it."""
        return self.algorithm in HARDWARE_KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A bearer token of a user. Only its digest is stored; `prefix` lets people recognise it."""

    id: ApiKeyId
    user_id: UserId
    name: str
    prefix: str
    token_digest: str = field(repr=False)
    is_read_only: bool = False
    scopes: tuple[str, ...] = ()
    allowed_ips: tuple[str, ...] = ()
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_interface: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """A checked public key line; `public_key` is `algorithm base64`, without the comment."""

    algorithm: str
    public_key: str
    comment: str
    fingerprint: str


def parse_ssh_key(line: str) -> ParsedKey:
    """Check an OpenSSH public key (RFC 4253 §6.6, `sk-` keys included); raises Invalid."""
    parts = line.strip().split(None, 2)
    if len(parts) < 2 or "\n" in line.strip():
        raise Invalid(Problem("ssh_keys", line, EXPECTED_KEY))
    blob = _blob(line, parts[1])
    _check(line, parts[0], parts[1], blob)
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return ParsedKey(
        parts[0], f"{parts[0]} {parts[1]}", parts[2] if len(parts) > 2 else "", f"SHA256:{digest}"
    )


def check_label(label: object) -> None:
    """Raises Invalid for what cannot be the name of a key."""
    if not isinstance(label, str) or len(label) > LONGEST_LABEL or not label.isprintable():
        expected = Text("printable text of at most %(limit)s characters", {"limit": LONGEST_LABEL})
        raise Invalid(Problem("label", label, expected))


def _blob(line: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Invalid(Problem("ssh_keys", line, EXPECTED_KEY)) from error


def _check(line: str, algorithm: str, text: str, blob: bytes) -> None:
    if algorithm in HARDWARE_KEYS:
        _check_hardware_key(line, algorithm, blob)
    elif algorithm != ED25519:
        _check_by_loading(line, algorithm, text)
    elif not blob.startswith(ED25519_HEAD) or len(blob) != len(ED25519_HEAD) + 32:
        raise Invalid(Problem("ssh_keys", line, EXPECTED_KEY))


def _check_by_loading(line: str, algorithm: str, text: str) -> None:
    try:
        key = load_ssh_public_key(f"{algorithm} {text}".encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Invalid(Problem("ssh_keys", line, EXPECTED_KEY)) from error
    if isinstance(key, dsa.DSAPublicKey):
        raise Invalid(Problem("ssh_keys", line, "an Ed25519, ECDSA or RSA key; DSA is no longer safe"))
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        raise Invalid(Problem("ssh_keys", line, "an RSA key of at least 2048 bits"))


def _check_hardware_key(line: str, algorithm: str, blob: bytes) -> None:
    name = len(algorithm).to_bytes(4) + algorithm.encode()
    if not blob.startswith(name) or len(blob) < len(name) + 36:
        raise Invalid(Problem("ssh_keys", line, EXPECTED_KEY))
