"""A certificate of one's own for TLS, for those who have none: made once, and anew when it has run out."""

import os
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from innkeeper.kit.clock import utc_now

VALID = timedelta(days=3650)  # people compare its fingerprint by hand, so it should not change often
_LONGEST_NAME = 64  # of a common name (RFC 5280, appendix A.1)


def own_certificate(folder: Path, host: str, *, now: datetime | None = None) -> tuple[Path, Path]:
    """The files of a self-signed certificate and its key in this folder; they are made if need be."""
    certificate, key = folder / "tls.crt", folder / "tls.key"
    moment = now or utc_now()
    if not (key.exists() and _is_valid(certificate, moment)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = generate_private_key(SECP256R1())
        _write(key, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _write(certificate, _signed(made, host, moment).public_bytes(Encoding.PEM))
    return certificate, key


def _is_valid(certificate: Path, now: datetime) -> bool:
    try:
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
    except FileNotFoundError:
        return False
    return now < known.not_valid_after_utc


def _signed(key: EllipticCurvePrivateKey, host: str, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:_LONGEST_NAME])])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([_name_of(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )


def _name_of(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host if host.isascii() else host.encode("idna").decode())


def _write(path: Path, content: bytes) -> None:
    """In one step, so that nobody finds half of it; readable by the server alone."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    new.replace(path)
