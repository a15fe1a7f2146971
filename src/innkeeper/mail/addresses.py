"""Where the mail server is, who mails come from, and whom they go to: texts of people, checked."""

from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from innkeeper.mail.letters import one_line

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mails and passes them on."""

    host: str
    port: int
    is_tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def must_encrypt(self) -> bool:
        """Over a network a password goes encrypted or not at all; else encryption is used where offered."""
        return self.username is not None and not self.is_tls and not _is_loopback(self.host)


def read_url(url: str) -> MailServer:
    """`smtp://user:password@host:587` or `smtps://host:465`; raises ValueError, the password not in it."""
    expected = "smtp_url: expected smtp://user:password@host:587 or smtps://host:465"
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError(f"{expected}, with @ : / in user and password as %40 %3A %2F") from None
    if parts.scheme not in PORTS or not host or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(expected)
    if (parts.username is None) != (parts.password is None):
        raise ValueError(f"{expected}; a user needs a password")
    username, password = (
        None if part is None else unquote(part) for part in (parts.username, parts.password)
    )
    return MailServer(host, port or PORTS[parts.scheme], parts.scheme == "smtps", username, password)


def read_from(text: str) -> Address:
    """`Innkeeper <files@example.com>`, or the address alone; raises ValueError."""
    try:
        [(name, address)] = getaddresses([text])
        return address_of(name, address)
    except ValueError:
        raise ValueError(f"mail_from: expected Innkeeper <files@example.com>, got {text!r}") from None


def address_of(name: str, text: str) -> Address:
    """An address as it is written in a header, the domain in ASCII (RFC 5890); raises ValueError."""
    local, _, domain = text.rpartition("@")
    try:
        known = f"{local}@{domain.encode('idna').decode()}"
        address = Address(one_line(name), addr_spec=known)
    except (ValueError, IndexError, MessageError) as error:
        raise ValueError(text) from error
    # A comment or a second address in it would lead elsewhere.
    if not local or address.addr_spec != known:
        raise ValueError(text)
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
