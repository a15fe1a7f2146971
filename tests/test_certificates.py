"""The site's own certificate: made once, kept, and made anew when it has run out."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from OpenSSL import SSL

from innkeeper.interfaces.ftps.tls import TlsContext
from innkeeper.kit.certificates import VALID, own_certificate
from tests.ftps_site import FtpsSite

pytest_plugins = ["tests.sftp_fixtures", "tests.ftps_fixtures"]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def serial(certificate: Path) -> int:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number


def test_it_is_made_once_and_only_the_server_can_read_its_key(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path / "keys", "files.example.com", now=NOW)
    first = serial(certificate)

    own_certificate(tmp_path / "keys", "files.example.com", now=NOW + VALID - timedelta(days=1))

    assert serial(certificate) == first
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_it_is_made_anew_when_it_has_run_out_or_its_key_is_gone(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path, "localhost", now=NOW)
    first = serial(certificate)

    own_certificate(tmp_path, "localhost", now=NOW + VALID)
    second = serial(certificate)
    key.unlink()
    own_certificate(tmp_path, "localhost", now=NOW + VALID)

    assert len({first, second, serial(certificate)}) == 3
    TlsContext(certificate, key)


def test_it_names_the_host_however_long(tmp_path: Path) -> None:
    host = "a-very-long-name-of-a-machine." * 4 + "example.com"

    certificate, _ = own_certificate(tmp_path, host, now=NOW)

    names = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions
    alternative = names.get_extension_for_class(x509.SubjectAlternativeName).value
    assert alternative.get_values_for_type(x509.DNSName) == [host]


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("files.example.com", x509.DNSName("files.example.com")),
        ("bücher.example", x509.DNSName("xn--bcher-kva.example")),
        ("192.0.2.7", x509.IPAddress(ip_address("192.0.2.7"))),
        ("2001:db8::7", x509.IPAddress(ip_address("2001:db8::7"))),
    ],
)
def test_it_names_hosts_of_every_kind(tmp_path: Path, host: str, named: x509.GeneralName) -> None:
    certificate, _ = own_certificate(tmp_path, host)

    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [named]


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path / "a", "localhost")
    _, key = own_certificate(tmp_path / "b", "localhost")

    with pytest.raises(SSL.Error):
        TlsContext(certificate, key)


def test_renewed_files_are_used_from_the_next_connection_on(ftps: FtpsSite) -> None:
    folder = ftps.folder / "certificates"
    staying = ftps.signed_in()
    before = _shown(ftps)

    new, key = own_certificate(ftps.folder / "new", "localhost")
    new.replace(folder / "tls.crt")
    while_half_is_there = _shown(ftps)
    key.replace(folder / "tls.key")

    assert while_half_is_there == before == serial_of(staying.sock)
    assert _shown(ftps) == serial(folder / "tls.crt") != before
    assert staying.nlst() == []
    staying.close()


def serial_of(connection: object) -> int:
    shown = connection.getpeercert(binary_form=True)  # type: ignore[attr-defined]  # ftplib says plain socket
    return x509.load_der_x509_certificate(shown).serial_number


def _shown(site: FtpsSite) -> int:
    client = site.client()
    client.auth()
    found = serial_of(client.sock)
    client.close()
    return found
