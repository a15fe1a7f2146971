"""What people of the demo site do with files: which they bring, where they read, how often."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from innkeeper.demo.people import Person

WORDS = ("merlin", "hobby", "lanner", "saker", "eyas", "kite", "harrier", "osprey")


@dataclass(frozen=True, slots=True)
class Habit:
    """Visits a week, what is brought along (name patterns), and the folders that are read."""

    per_week: float
    brings: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    tidies: bool = False


HABITS: dict[str, Habit] = {
    "ada": Habit(0.7, ("/company/policies/{word}-policy.pdf", "/company/news/{day}.txt"), ("/company",)),
    "clara.jensen": Habit(
        0.6,
        ("/finance/payroll/{month}-payroll.csv", "/finance/payroll/notes/{day}.txt"),
        ("/finance/payroll",),
    ),
    "femke.roos": Habit(1.8, (), ("/finance/audit",)),
    "daan.levander": Habit(1.4, (), ("/finance/audit",)),
    "Finance": Habit(
        1.2,
        (
            "/finance/reports/{month}-closing.csv",
            "/finance/invoices/{day}-{number}.pdf",
            "/finance/audit/{month}-ledger.csv",
        ),
        ("/finance/reports", "/finance/invoices", "/company"),
    ),
    "Design": Habit(
        1.5,
        (
            "/design/patterns/{word}-{number}.pdf",
            "/design/sketches/{word}-{number}.png",
            "/design/notes/{day}.txt",
        ),
        ("/design/patterns", "/design/photos", "/production/quality", "/company"),
        tidies=True,
    ),
    "Production": Habit(
        1.4,
        ("/production/quality/{day}-sample-{number}.csv", "/production/plans/week-{week}.csv"),
        ("/design/patterns", "/suppliers", "/production/plans", "/freight"),
        tidies=True,
    ),
    "Sales": Habit(
        1.3,
        ("/sales/offers/offer-{number}.pdf", "/sales/visits/{day}.txt"),
        ("/retailers", "/sales/price-lists", "/design/photos", "/freight", "/sales/stock"),
        tidies=True,
    ),
    "Staff": Habit(0.5, (), ("/company",)),
    "/suppliers/ferrante": Habit(
        1.1,
        ("/suppliers/ferrante/invoices/{day}-{number}.pdf", "/suppliers/ferrante/samples/lot-{number}.png"),
        ("/suppliers/ferrante",),
    ),
    "/suppliers/hanok": Habit(
        1.3,
        ("/suppliers/hanok/invoices/{day}-{number}.pdf", "/suppliers/hanok/tests/{day}-{number}.csv"),
        ("/suppliers/hanok",),
    ),
    "/retailers/blaumeise": Habit(
        1.2, ("/retailers/blaumeise/orders/{day}-{number}.csv",), ("/sales/price-lists",)
    ),
    "/retailers/picos": Habit(1.0, ("/retailers/picos/orders/{day}-{number}.csv",), ("/sales/price-lists",)),
    "/freight": Habit(
        1.6, ("/freight/{month}/waybill-{number}.pdf", "/inbox/{day}-claim.txt"), ("/freight",)
    ),
    "/design/photos": Habit(0.9, ("/design/photos/{word}/{number}.png",), ("/design/photos",)),
    "erp-export": Habit(7, ("/sales/stock/{day}-stock.csv",), (), tidies=True),
    "shop-sync": Habit(7, (), ("/sales/stock",)),
    "nordvind-edi": Habit(5, ("/freight/status/{day}-{number}.txt",), ()),
    "backup": Habit(1, (), ("/company",)),
}
MACHINE_HOURS = {"erp-export": 2, "shop-sync": 3, "nordvind-edi": 18, "backup": 23}
# The first files, from the time before the site: nobody uploaded these here.
LEGACY = (
    "/company/handbook.pdf",
    "/company/canteen.txt",
    "/company/policies/travel.pdf",
    "/company/policies/data-protection.pdf",
    "/finance/reports/last-year-closing.csv",
    "/finance/audit/last-year-ledger.csv",
    "/finance/payroll/last-year-payroll.csv",
    "/design/patterns/merlin-1.pdf",
    "/design/patterns/saker-1.pdf",
    "/design/photos/catalogue/cover.png",
    "/production/quality/limits.csv",
    "/production/plans/template.csv",
    "/suppliers/contacts.csv",
    "/sales/price-lists/spring-retail.csv",
    "/freight/rates.pdf",
)


def habit_of(person: Person) -> Habit | None:
    """The habit of the person, else of their own folder, else of their group."""
    keys = [person.username, *(grant.partition(":")[0] for grant in person.grants), *person.groups]
    return next((HABITS[key] for key in keys if key in HABITS), None)


def name_of(pattern: str, at: datetime, random: Random) -> str:
    """A file name made out of a pattern."""
    return pattern.format(
        day=f"{at:%Y-%m-%d}",
        month=f"{at:%Y-%m}",
        week=f"{at:%V}",
        number=random.randint(1000, 9999),
        word=random.choice(WORDS),
    )
