"""The FTPS door of a site, out of its settings."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from innkeeper.actions.reception import Reception
from innkeeper.assembly.opening import CannotStart
from innkeeper.kit.certificates import own_certificate
from innkeeper.settings import Settings, split_ports

if TYPE_CHECKING:
    from innkeeper.interfaces.ftps import FtpsServer
    from innkeeper.interfaces.ftps.tls import TlsContext


def open_ftps(settings: Settings, reception: Reception) -> "FtpsServer":
    """A door that does not listen yet; raises CannotStart when the certificate is of no use."""
    from innkeeper.interfaces.ftps import DoorSettings, FtpsServer, House

    door = DoorSettings(
        passive_ports=split_ports(settings.ftps_passive_ports),
        passive_address=settings.ftps_passive_address,
        allows_plain=settings.ftp_without_tls,
    )
    return FtpsServer(House(reception=reception, tls=_open_tls(settings)), door)


def _open_tls(settings: Settings) -> "TlsContext":
    from OpenSSL import SSL

    from innkeeper.interfaces.ftps.tls import TlsContext

    certificate, key = _certificate(settings)
    try:
        return TlsContext(certificate, key)
    except (OSError, SSL.Error) as error:
        raise CannotStart(f"the certificate {certificate} cannot be used with the key {key}") from error


def _certificate(settings: Settings) -> tuple[Path, Path]:
    if settings.tls_certificate:
        return Path(settings.tls_certificate), Path(settings.tls_key)
    host = urlsplit(settings.public_url).hostname or socket.gethostname()
    return own_certificate(settings.data / "keys", host)
