"""CSV files that go out: the template to fill in, and the rows that failed."""

import csv
import io
from collections.abc import Iterable, Sequence

from innkeeper.domain.fields import CHECKERS
from innkeeper.sources.cells import harmless

EXAMPLE = {
    "username": "jane.doe",
    "name": "Jane Doe",
    "email": "jane.doe@example.com",
    "company": "Example Ltd",
    "notes": "Delete this row before you import",
    "tags": "partner, press",
    "language": "en",
    "time_zone": "Europe/Berlin",
    "authentication_method": "email_signup",
    "access_expires_at": "2030-12-31",
    "disabled": "no",
    "groups": "Staff, Partners",
    "protocols": "web, sftp",
    "allowed_ips": "203.0.113.0/24; 2001:db8::/32",
    "bypass_lifecycle_rules": "works for us every other year | 2030-12-31",
    "grants": "/projects/a:read; /inbox:write:only",
    "attributes": '{"badge": "7"}',
}


def template() -> str:
    """A file with every column and one example row, for people to fill in."""
    return write_rows([list(CHECKERS), [EXAMPLE.get(name, "") for name in CHECKERS]])


def failed_rows(rows: Iterable[tuple[Sequence[str], str]]) -> str:
    """Rows as they came, each with the reason why it failed."""
    return write_rows([*cells, reason] for cells, reason in rows)


def write_rows(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV text in which no spreadsheet finds a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue()
