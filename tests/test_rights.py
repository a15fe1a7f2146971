"""The rights table, printed for people: a change of it must be approved by changing the file."""

import os
from pathlib import Path

from innkeeper.domain.rights import RIGHTS, Reach, Right
from innkeeper.domain.words import Role

APPROVED = Path(__file__).parent / "approved" / "rights.txt"


def table() -> str:
    roles = list(Role)
    lines = ["right".ljust(20) + "".join(role.value.rjust(27) for role in roles)]
    for right in Right:
        reaches = (RIGHTS[role].get(right, Reach.NOBODY) for role in roles)
        lines.append(right.value.ljust(20) + "".join(_word(reach).rjust(27) for reach in reaches))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _word(reach: Reach) -> str:
    return "-" if reach is Reach.NOBODY else reach.name.lower()


def test_the_rights_table_is_the_approved_one() -> None:
    if os.environ.get("APPROVE"):
        APPROVED.parent.mkdir(exist_ok=True)
        APPROVED.write_text(table())

    assert APPROVED.read_text() == table()
