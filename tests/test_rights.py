"""The rights table, printed for people: a change of it must be approved by changing the file."""

import os
from pathlib import Path

from innkeeper.domain.actors import Actor
from innkeeper.domain.rights import READING, RIGHTS, WHILE_OWING, Reach, Right, reach
from innkeeper.domain.words import Duty, Role

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


def test_an_actor_who_owes_something_reaches_only_themselves() -> None:
    owing = Actor("user", "1", "ada", roles=frozenset(Role), owes=frozenset({Duty.SECOND_FACTOR}))

    for right in Right:
        assert reach(owing, right) is (Reach.SELF if right in WHILE_OWING else Reach.NOBODY)


def test_an_actor_who_may_only_read_reaches_as_far_in_reading() -> None:
    reader = Actor("api_key", "1", "ada", roles=frozenset(Role), is_read_only=True)

    for right in Right:
        assert reach(reader, right) is (Reach.ANYONE if right in READING else Reach.NOBODY)
