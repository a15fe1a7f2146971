"""Ranges and preconditions of HTTP."""

import os
from pathlib import Path

import pytest

from innkeeper.kit.http_ranges import (
    FAILED,
    UNCHANGED,
    NotSatisfiable,
    etag,
    http_date,
    parse_date,
    verdict,
    wanted_range,
)

THEN = 1_700_000_000
STATUS = os.stat_result(
    (0o100644, 10, 1, 1, 0, 0, 10, THEN, THEN, THEN), {"st_mtime": THEN + 0.5, "st_mtime_ns": THEN * 10**9}
)
TAG = etag(STATUS)
EARLIER, LATER = http_date(THEN - 10), http_date(THEN + 10)


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-3", (0, 4)),
        ("bytes=5-", (5, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
        ("bytes=8-100", (8, 10)),
        ("BYTES = 0-0", (0, 1)),
        ("bytes=0-1, 4-5", None),
        ("bytes=3-1", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=", None),
        ("lines=0-3", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_ranges_are_read(header: str, span: tuple[int, int] | None) -> None:
    assert span == wanted_range({"range": header}, STATUS)


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=-0"])
def test_nothing_is_there_behind_the_end(header: str) -> None:
    with pytest.raises(NotSatisfiable) as refusal:
        wanted_range({"range": header}, STATUS)

    assert refusal.value.size == 10


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"if-none-match": TAG}, UNCHANGED),
        ({"if-none-match": f'"x", W/{TAG}'}, UNCHANGED),
        ({"if-none-match": "*"}, UNCHANGED),
        ({"if-none-match": '"x"', "if-modified-since": LATER}, None),
        ({"if-modified-since": LATER}, UNCHANGED),
        ({"if-modified-since": http_date(THEN)}, UNCHANGED),
        ({"if-modified-since": EARLIER}, None),
        ({"if-modified-since": "yesterday"}, None),
        ({"if-match": TAG}, None),
        ({"if-match": f"W/{TAG}"}, FAILED),
        ({"if-match": '"x"'}, FAILED),
        ({"if-unmodified-since": EARLIER}, FAILED),
        ({"if-unmodified-since": LATER}, None),
        ({"if-match": TAG, "if-unmodified-since": EARLIER}, None),
    ],
)
def test_preconditions_of_a_download(headers: dict[str, str], expected: int | None) -> None:
    assert expected == verdict("GET", headers, STATUS)


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [
        ({"if-none-match": "*"}, STATUS, FAILED),
        ({"if-none-match": "*"}, None, None),
        ({"if-match": "*"}, None, FAILED),
        ({"if-match": "*"}, STATUS, None),
        ({"if-modified-since": LATER}, STATUS, None),
    ],
)
def test_preconditions_of_an_upload(
    headers: dict[str, str], status: os.stat_result | None, expected: int | None
) -> None:
    assert expected == verdict("PUT", headers, status)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [(TAG, (1, 3)), ('"x"', None), (f"W/{TAG}", None), (http_date(THEN), (1, 3)), (LATER, None)],
)
def test_a_range_of_a_changed_file_is_the_whole_file(
    condition: str, expected: tuple[int, int] | None
) -> None:
    assert expected == wanted_range({"range": "bytes=1-2", "if-range": condition}, STATUS)


def test_the_tag_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    first = etag(path.stat())

    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))

    assert first != etag(path.stat())


def test_dates_come_back() -> None:
    assert parse_date(http_date(THEN)) == THEN
    assert parse_date("no date") is None
