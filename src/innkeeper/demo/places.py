"""The groups and folders of the demo site, and which group may do what where."""

from dataclasses import dataclass

GROUPS = {
    "Staff": "Everyone on the payroll.",
    "Finance": "Books, payroll, audits.",
    "Design": "Patterns, prototypes, photographs.",
    "Production": "Cutting, sewing, quality.",
    "Sales": "Retail and web shop.",
    "Partners": "Everyone from outside.",
    "Suppliers": "Mills that send us fabric.",
    "Retailers": "Shops that sell our tents.",
}
NESTED = {
    "Finance": "Staff",
    "Design": "Staff",
    "Production": "Staff",
    "Sales": "Staff",
    "Suppliers": "Partners",
    "Retailers": "Partners",
}
GROUP_ADMINISTRATORS = {
    "Finance": "giulia.bianchi",
    "Design": "noor.haddad",
    "Production": "jan.kowalczyk",
    "Sales": "anneke.devries",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with what its groups may do: entries like `Staff:read`, or `Suppliers:list:only`."""

    path: str
    granted: tuple[str, ...] = ()
    is_fenced: bool = False
    notes: str = ""


PLACES = (
    Place("/company", ("Staff:read",), notes="Handbook, forms, canteen."),
    Place("/company/policies", (), notes="Signed off by the board; read only."),
    Place("/finance", ("Finance:full",), is_fenced=True),
    Place(
        "/finance/payroll", (), is_fenced=True, notes="Clara only. The fence keeps the rest of Finance out."
    ),
    Place("/finance/audit", (), notes="For Levander & Roos while the audit lasts."),
    Place("/design", ("Design:full",)),
    Place("/design/patterns", ("Production:read",)),
    Place("/design/photos", ("Sales:read",), notes="Studio Okafor delivers here."),
    Place("/production", ("Production:full",)),
    Place("/production/quality", ("Design:read",)),
    Place("/suppliers", ("Production:readwrite", "Suppliers:list:only")),
    Place("/suppliers/ferrante", notes="Shared with Tessuti Ferrante."),
    Place("/suppliers/hanok", notes="Shared with Hanok Textile."),
    Place("/sales", ("Sales:full",)),
    Place("/sales/stock", (), notes="Written every night by erp-export."),
    Place("/sales/price-lists", ("Retailers:read",)),
    Place("/retailers/blaumeise", ("Sales:readwrite",), notes="Orders from Blaumeise Sporthaus."),
    Place("/retailers/picos", ("Sales:readwrite",), notes="Orders from Picos Aventura."),
    Place("/freight", ("Production:readwrite", "Sales:read")),
    Place("/inbox", ("Partners:write", "Staff:readwrite"), notes="Blind drop box for anything else."),
)
