"""The companies of the demo site: where their people sit, and which programs they use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Company:
    """An employer; its people come from one address and mostly use the same client."""

    name: str
    domain: str
    address: str
    time_zone: str
    client: str
    first_hour: int
    language: str = ""


# Addresses are those that RFC 5737 and RFC 3849 keep for documentation; hours are UTC.
KESTREL = Company(
    "Kestrel Outdoor", "kestrel-outdoor.example", "198.51.100.20", "Europe/Berlin", "FileZilla_3.68.1", 7
)
FERRANTE = Company(
    "Tessuti Ferrante", "ferrante.example", "192.0.2.81", "Europe/Rome", "Cyberduck/9.1.3.42945", 7
)
HANOK = Company(
    "Hanok Textile", "hanok-textile.example", "2001:db8:51::7", "Asia/Seoul", "WinSCP_release_6.3.7", 0
)
NORDVIND = Company("Nordvind Logistikk", "nordvind.example", "192.0.2.40", "Europe/Oslo", "OpenSSH_9.9", 6)
BLAUMEISE = Company(
    "Blaumeise Sporthaus",
    "blaumeise.example",
    "203.0.113.34",
    "Europe/Vienna",
    "WinSCP_release_6.5",
    8,
    "de",
)
PICOS = Company("Picos Aventura", "picos.example", "203.0.113.60", "Europe/Madrid", "FileZilla_3.67.0", 9)
OKAFOR = Company("Studio Okafor", "okafor.example", "198.51.100.201", "Africa/Lagos", "Transmit5.10.6", 9)
LEVANDER = Company(
    "Levander & Roos", "levander-roos.example", "192.0.2.130", "Europe/Amsterdam", "WinSCP_release_6.5", 8
)
FREELANCE = Company("", "mail.example", "203.0.113.88", "Europe/Lisbon", "Cyberduck/9.1.3.42945", 10)

WHERE = {
    company.name: company
    for company in (
        KESTREL,
        FERRANTE,
        HANOK,
        NORDVIND,
        BLAUMEISE,
        PICOS,
        OKAFOR,
        LEVANDER,
        FREELANCE,
    )
}
