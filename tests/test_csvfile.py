"""CSV files of users: every way in which they can be wrong has one clear message."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innkeeper.domain.fields import CHECKERS, check
from innkeeper.sources.cells import harmless, read_cell
from innkeeper.sources.columns import BadFile, columns_of
from innkeeper.sources.csvfile import LONGEST_LINE, open_users
from innkeeper.sources.csvwriting import failed_rows, template, write_rows

Understood = list[tuple[int, dict[str, Any], list[str]]]


def read(path: Path, content: str | bytes, *, ignore_unknown_columns: bool = False) -> Understood:
    """Line, values and problems of each row."""
    file = path / "users.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    found: Understood = []
    with open_users(file, ignore_unknown_columns=ignore_unknown_columns) as users:
        for row in users.rows:
            values, problems = users.columns.values(row.cells)
            found.append((row.line, values, [str(problem) for problem in problems]))
    return found


def refusal(path: Path, content: str | bytes) -> str:
    with pytest.raises(BadFile) as caught:
        read(path, content)
    return caught.value.message


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_delimiters_marks_and_line_ends_are_found_out(
    tmp_path: Path, delimiter: str, mark: bytes, ending: str
) -> None:
    lines = ["User Name|EMAIL|name", "jürgen|j@example.org|Jürgen", ""]
    content = mark + ending.join(lines).replace("|", delimiter).encode()

    assert read(tmp_path, content) == [
        (2, {"username": "jürgen", "email": "j@example.org", "name": "Jürgen"}, [])
    ]


def test_a_row_is_known_by_the_line_where_it_begins(tmp_path: Path) -> None:
    content = 'username,notes\nann,"one\ntwo\nthree"\n\n , \nbob,\n'

    assert read(tmp_path, content) == [
        (2, {"username": "ann", "notes": "one\ntwo\nthree"}, []),
        (7, {"username": "bob"}, []),
    ]


def test_lines_are_counted_below_a_spreadsheet_hint(tmp_path: Path) -> None:
    assert read(tmp_path, "sep=;\nusername;name\nann;\n") == [(3, {"username": "ann"}, [])]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["line 1", "empty", "header"]),
        (b"\n\n", ["line 1", "empty"]),
        (b"username,name\nann,\xfcber\n", ["line 2", "byte 5", "0xfc", "UTF-8"]),
        ("username\nann\n".encode("utf-16"), ["line 1", "0xff", "UTF-16", "UTF-8"]),
        (b"username,Email,e-mail\n", ["column 3", "'e-mail'", "column 2"]),
        (b"name,email\nAnn,\n", ["header", "name, email", "username"]),
        (b"username,nmae,colour\n", ["column 2", "'nmae'", "did you mean name", "column 3", "'colour'"]),
        (b"username,\n", ["column 2", "no name"]),
        (b'username,name\nann,"never closed\nbob,\n', ["line 2", "closed quotes"]),
        (b'username,name\nann,"a"b\n', ["line 2", "expected"]),
        (b"username,name\n" + b"x" * (LONGEST_LINE + 9), ["line 2", "longer than", "one row a line"]),
        (b'username,notes\nann,"' + b"x" * 200_000 + b'"\n', ["line 2", "field"]),
        (b"sep=\n", ["column 1", "'sep='", "username"]),
        (b"x" * 900_000 + b"\n", ["line 1", "field"]),
        (b"username\rann\rbob\r", ["line 1", "LF or CRLF"]),
    ],
)
def test_a_bad_file_is_refused_whole_with_one_clear_message(
    tmp_path: Path, content: bytes, words: list[str]
) -> None:
    message = refusal(tmp_path, content)

    assert all(word in message for word in words), message
    assert len(message) < 400


def test_unknown_columns_are_passed_over_only_when_asked(tmp_path: Path) -> None:
    content = "username,colour\nann,red\n"

    assert "colour" in refusal(tmp_path, content)
    assert read(tmp_path, content, ignore_unknown_columns=True) == [(2, {"username": "ann"}, [])]


def test_computed_columns_of_an_export_are_passed_over(tmp_path: Path) -> None:
    content = "id,username,status,source,reason\n1,ann,active,csv,\n"

    assert read(tmp_path, content) == [(2, {"username": "ann"}, [])]


def test_a_row_with_too_few_or_too_many_cells_is_wrong_alone(tmp_path: Path) -> None:
    rows = read(tmp_path, "username,name\nann\nbob,Bob,extra\ncid,Cid\n")

    assert [line for line, _, _ in rows] == [2, 3, 4]
    assert "1 cells" in rows[0][2][0]
    assert "2 cells" in rows[0][2][0]
    assert "3 cells" in rows[1][2][0]
    assert rows[2][1:] == ({"username": "cid", "name": "Cid"}, [])


def test_every_field_has_a_column_and_its_words(tmp_path: Path) -> None:
    cells = {
        "username": "ann",
        "tags": "a, b;c",
        "disabled": "Yes",
        "require_2fa": "0",
        "bypass_site_allowed_ips": "true",
        "password": " secret = 1 ",
        "password_validity_days": "90",
        "access_expires_at": "2027-03-31",
        "groups": "Staff, Night Shift",
        "protocols": "sftp;web",
        "allowed_ips": "10.0.0.0/8\n2001:db8::/32; 192.0.2.1",
        "bypass_lifecycle_rules": "on leave | 2027-01-01",
        "grants": "/projects/a:read; /inbox:write:only",
        "attributes": '{"badge": 7}',
        "notes": "(none)",
        "company": "'=A1",
    }

    [(_, values, problems)] = read(tmp_path, write_rows([list(cells), list(cells.values())]))

    assert problems == []
    assert values == {
        "username": "ann",
        "tags": ["a", "b", "c"],
        "disabled": True,
        "require_2fa": False,
        "bypass_site_allowed_ips": True,
        "password": " secret = 1 ",
        "password_validity_days": 90,
        "access_expires_at": "2027-03-31",
        "groups": ["Staff", "Night Shift"],
        "protocols": ["sftp", "web"],
        "allowed_ips": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"],
        "bypass_lifecycle_rules": {"reason": "on leave", "until": "2027-01-01"},
        "grants": ["/projects/a:read", "/inbox:write:only"],
        "attributes": {"badge": 7},
        "notes": None,
        "company": "=A1",
    }
    assert check({name: value for name, value in values.items() if name != "password"})


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [("disabled", "maybe", "true or false"), ("attributes", "{", "JSON"), ("external_ids", "x", "JSON")],
)
def test_a_cell_that_makes_no_sense_names_field_value_and_what_is_right(
    tmp_path: Path, field: str, cell: str, expected: str
) -> None:
    [(_, _, [problem])] = read(tmp_path, f"username,{field}\nann,{cell}\n")

    assert field in problem
    assert cell in problem
    assert expected in problem


def test_a_nul_byte_is_named(tmp_path: Path) -> None:
    [(_, _, [problem])] = read(tmp_path, b"username,name\nann,A\x00nn\n")

    assert "name" in problem
    assert "NUL" in problem


def test_the_template_can_be_read_back(tmp_path: Path) -> None:
    [(line, values, problems)] = read(tmp_path, template())

    assert (line, problems) == (2, [])
    assert check(values)
    assert set(CHECKERS) == set(
        columns_of(template().splitlines()[0].split(","), ignore_unknown=False).fields
    )


def test_failed_rows_hold_no_formula() -> None:
    text = failed_rows([(["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "plain"], "because")])

    assert text == "'=cmd|' /C calc'!A0,'+1,'-1,'@x,'\tx,plain,because\r\n"


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
@settings(max_examples=200, deadline=None)
def test_what_is_made_harmless_reads_back_the_same(text: str) -> None:
    plain = text.strip()
    if plain and plain != "(none)" and not (plain[0] == "'" and plain[1:2] in tuple("=+-@\t\r")):
        assert plain == read_cell("name", harmless(plain))
