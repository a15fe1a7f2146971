"""The people of the demo site, and the machines that sign in like people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from innkeeper.demo.companies import (
    BLAUMEISE,
    FERRANTE,
    FREELANCE,
    HANOK,
    KESTREL,
    LEVANDER,
    NORDVIND,
    OKAFOR,
    PICOS,
    Company,
)

START = 91
NOTHING: Mapping[str, object] = {}
SUPPLIERS = ("Suppliers",)
RETAILERS = ("Retailers",)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account. `joined` and `until` count days back from now; negative ones lie ahead."""

    username: str
    name: str
    groups: tuple[str, ...] = ()
    company: Company = KESTREL
    joined: float = START
    until: float | None = None
    grants: tuple[str, ...] = ()
    keys: int = 0
    more: Mapping[str, object] = field(default_factory=dict)


def _partner(
    username: str,
    name: str,
    groups: tuple[str, ...],
    company: Company,
    grant: str,
    *,
    keys: int = 0,
    joined: float = START,
    until: float | None = None,
    more: Mapping[str, object] = NOTHING,
) -> Person:
    home = grant.partition(":")[0]
    values = {"user_home": home, "tags": ["external"], **more}
    return Person(username, name, groups, company, joined, until, (grant,), keys, values)


def _machine(username: str, purpose: str, grants: tuple[str, ...], company: Company = KESTREL) -> Person:
    values: dict[str, object] = {
        "authentication_method": "none",
        "tags": ["machine"],
        "protocols": ["sftp"],
        "allowed_ips": [company.address],
        "email": f"it@{company.domain}",
        "notes": "Unattended. Talk to Ada before you touch it.",
    }
    return Person(username, purpose, (), company, grants=grants, keys=1, more=values)


INVITED: Mapping[str, object] = {"authentication_method": "email_signup"}
BOTH: Mapping[str, object] = {"authentication_method": "password_and_ssh_key"}
GERMAN: Mapping[str, object] = {"language": "de"}

ADMINISTRATORS = (
    Person("ada", "Ada Brandt", ("Staff",), keys=2, more={"tags": ["it"]}),
    Person(
        "ines.carvalho",
        "Inês Carvalho",
        ("Staff",),
        keys=1,
        more={"roles": ["site_administrator"], "tags": ["it"]},
    ),
    Person(
        "marta.nowak",
        "Marta Nowak",
        ("Staff",),
        more={"roles": ["read_only_administrator"], "notes": "Data protection officer."},
    ),
)
FINANCE = (
    Person("giulia.bianchi", "Giulia Bianchi", ("Finance",), more=BOTH, keys=1),
    Person("henrik.solberg", "Henrik Solberg", ("Finance",)),
    Person("aiko.tanaka", "田中 愛子", ("Finance",)),
    Person("dimitris.pappas", "Δημήτρης Παππάς", ("Finance",)),
    Person("sofie.maes", "Sofie Maes", ("Finance",), joined=40),
    Person("clara.jensen", "Clara Jensen", ("Staff",), grants=("/finance/payroll:full",), more=BOTH, keys=1),
)
DESIGN = (
    Person("noor.haddad", "Noor Haddad", ("Design",), keys=1),
    Person("lukas.weiss", "Lukas Weiß", ("Design",), more=GERMAN),
    Person("thandiwe.mokoena", "Thandiwe Mokoena", ("Design",), keys=1),
    Person("elodie.marchand", "Élodie Marchand", ("Design",)),
    Person("bao.nguyen", "Nguyễn Gia Bảo", ("Design",), joined=66),
    Person("saoirse.nibhriain", "Saoirse Ní Bhriain", ("Design",)),
    Person("pavel.sokolov", "Павел Соколов", ("Design",), joined=23, keys=1),
)
PRODUCTION = (
    Person("jan.kowalczyk", "Jan Kowalczyk", ("Production",), keys=1),
    Person("fatima.elidrissi", "Fatima El Idrissi", ("Production",)),
    Person("oskar.lindqvist", "Oskar Lindqvist", ("Production",)),
    Person("mei.chen", "陈美", ("Production",), more={"time_zone": "Asia/Shanghai"}),
    Person("ravi.raman", "Ravi Raman", ("Production",), keys=1),
    Person("zuzana.horakova", "Zuzana Horáková", ("Production",)),
    Person("kwame.boateng", "Kwame Boateng", ("Production",), joined=51),
    Person("leila.rezaei", "لیلا رضایی", ("Production",)),
    Person("tomasz.wilk", "Tomasz Wilk", ("Production",)),
)
SALES = (
    Person("bob", "Bob Achterberg", ("Sales",), keys=1),
    Person("anneke.devries", "Anneke de Vries", ("Sales",), keys=1),
    Person("carlos.ibanez", "Carlos Ibáñez", ("Sales",)),
    Person("yuki.mori", "森 有希", ("Sales",)),
    Person("priya.sharma", "प्रिया शर्मा", ("Sales",)),
    Person("emil.hansen", "Emil Hansen", ("Sales",), joined=58),
    Person("greta.lehmann", "Greta Lehmann", ("Sales",), more=GERMAN),
    Person("samir.benali", "Samir Benali", ("Sales",)),
    Person("hannah.cohen", "חנה כהן", ("Sales",)),
    Person("ivan.petrov", "Иван Петров", ("Sales",)),
    Person("lea.fontaine", "Léa Fontaine", ("Sales",), joined=2, more=INVITED),
    Person("niko.virtanen", "Niko Virtanen", ("Sales",), joined=1, more=INVITED),
    Person("maja.ilic", "Maja Ilić", ("Sales",), joined=45),
    Person("peter.dorn", "Peter Dorn", ("Sales",)),
    Person("wim.claes", "Wim Claes", ("Staff",), until=-6, more={"tags": ["working-student"]}),
)
PARTNERS = (
    _partner("paolo.ferrante", "Paolo Ferrante", SUPPLIERS, FERRANTE, "/suppliers/ferrante:full"),
    _partner("chiara.ferrante", "Chiara Ferrante", SUPPLIERS, FERRANTE, "/suppliers/ferrante:full", keys=1),
    _partner("luca.moretti", "Luca Moretti", SUPPLIERS, FERRANTE, "/suppliers/ferrante:full"),
    _partner("minjun.kim", "김민준", SUPPLIERS, HANOK, "/suppliers/hanok:full", keys=1),
    _partner("seoyeon.park", "박서연", SUPPLIERS, HANOK, "/suppliers/hanok:full"),
    _partner("jiho.lee", "이지호", SUPPLIERS, HANOK, "/suppliers/hanok:full", joined=30),
    _partner("katharina.gruber", "Katharina Gruber", RETAILERS, BLAUMEISE, "/retailers/blaumeise:upload"),
    _partner("florian.huber", "Florian Huber", RETAILERS, BLAUMEISE, "/retailers/blaumeise:upload"),
    _partner(
        "eva.steiner",
        "Eva Steiner",
        RETAILERS,
        BLAUMEISE,
        "/retailers/blaumeise:upload",
        joined=3,
        more=INVITED,
    ),
    _partner("lucia.fernandez", "Lucía Fernández", RETAILERS, PICOS, "/retailers/picos:upload"),
    _partner("mateo.alonso", "Mateo Alonso", RETAILERS, PICOS, "/retailers/picos:upload", until=18),
    _partner("olena.shevchenko", "Олена Шевченко", RETAILERS, PICOS, "/retailers/picos:upload"),
    _partner("ingrid.dahl", "Ingrid Dahl", ("Partners",), NORDVIND, "/freight:readwrite", keys=1),
    _partner("sverre.moen", "Sverre Moen", ("Partners",), NORDVIND, "/freight:readwrite", joined=37),
    _partner("chidi.okafor", "Chidi Okafor", (), OKAFOR, "/design/photos:readwrite", keys=1),
    _partner("amara.obi", "Amara Obi", (), OKAFOR, "/design/photos:upload", until=-11),
    Person(
        "femke.roos", "Femke Roos", (), LEVANDER, joined=35, until=-25, more={"tags": ["external", "audit"]}
    ),
    Person(
        "daan.levander",
        "Daan Levander",
        (),
        LEVANDER,
        joined=35,
        until=5,
        more={"tags": ["external", "audit"]},
    ),
    _partner("rosa.mendes", "Rosa Mendes", (), FREELANCE, "/design/photos:upload", until=44),
)
MACHINES = (
    _machine("erp-export", "Stock and prices from the ERP", ("/sales/stock:full", "/sales/price-lists:full")),
    _machine("shop-sync", "Web shop, reads stock", ("/sales/stock:read",)),
    _machine("nordvind-edi", "Freight status messages", ("/freight:upload",), NORDVIND),
    _machine("backup", "Weekly copy of the company folder", ("/company:read",)),
)
PEOPLE = (*ADMINISTRATORS, *FINANCE, *DESIGN, *PRODUCTION, *SALES, *PARTNERS, *MACHINES)
