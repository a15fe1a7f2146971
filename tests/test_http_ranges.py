"""Ranges and preconditions of HTTP."""

import os
from pathlib import Path

import pytest

from innkeeper.kit.http_ranges import (
    Verdict,
    etag_of,
    http_date,
    parse_date,
    parse_range,
    verdict_of,
    wanted_ranges,
)

THEN = 1_700_000_000.0
TAG = '"a-b-c"'
EARLIER, LATER = http_date(THEN - 10), http_date(THEN + 10)


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-3", [(0, 4)]),
        ("bytes=5-", [(5, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-30", [(0, 10)]),
        ("bytes=8-100", [(8, 10)]),
        ("BYTES = 0-0", [(0, 1)]),
        ("bytes=0-1, 4-5", [(0, 2), (4, 6)]),
        ("bytes=10-", []),
        ("bytes=-0", []),
        ("bytes=0-9,0-9", None),
        ("bytes=3-1", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=", None),
        ("lines=0-3", None),
        ("bytes=" + "0-0," * 51, None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_ranges_are_read(header: str, spans: list[tuple[int, int]] | None) -> None:
    assert spans == parse_range(header, 10)


def test_nothing_of_an_empty_file_can_be_had_in_ranges() -> None:
    assert parse_range("bytes=0-", 0) == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Verdict.PROCEED),
        ({"if-none-match": TAG}, Verdict.NOT_MODIFIED),
        ({"if-none-match": f'"x", W/{TAG}'}, Verdict.NOT_MODIFIED),
        ({"if-none-match": "*"}, Verdict.NOT_MODIFIED),
        ({"if-none-match": '"x"', "if-modified-since": LATER}, Verdict.PROCEED),
        ({"if-modified-since": LATER}, Verdict.NOT_MODIFIED),
        ({"if-modified-since": http_date(THEN)}, Verdict.NOT_MODIFIED),
        ({"if-modified-since": EARLIER}, Verdict.PROCEED),
        ({"if-modified-since": "yesterday"}, Verdict.PROCEED),
        ({"if-match": TAG}, Verdict.PROCEED),
        ({"if-match": f"W/{TAG}"}, Verdict.FAILED),
        ({"if-match": '"x"'}, Verdict.FAILED),
        ({"if-unmodified-since": EARLIER}, Verdict.FAILED),
        ({"if-unmodified-since": LATER}, Verdict.PROCEED),
        ({"if-match": TAG, "if-unmodified-since": EARLIER}, Verdict.PROCEED),
    ],
)
def test_preconditions_of_a_download(headers: dict[str, str], expected: Verdict) -> None:
    assert expected is verdict_of("GET", headers, TAG, THEN + 0.5)


@pytest.mark.parametrize(
    ("headers", "etag", "expected"),
    [
        ({"if-none-match": "*"}, TAG, Verdict.FAILED),
        ({"if-none-match": "*"}, None, Verdict.PROCEED),
        ({"if-match": "*"}, None, Verdict.FAILED),
        ({"if-match": "*"}, TAG, Verdict.PROCEED),
        ({"if-modified-since": LATER}, TAG, Verdict.PROCEED),
    ],
)
def test_preconditions_of_an_upload(headers: dict[str, str], etag: str | None, expected: Verdict) -> None:
    assert expected is verdict_of("PUT", headers, etag, THEN)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [(TAG, [(1, 3)]), ('"x"', None), (f"W/{TAG}", None), (http_date(THEN), [(1, 3)]), (LATER, None)],
)
def test_a_range_of_a_changed_file_is_the_whole_file(
    condition: str, expected: list[tuple[int, int]] | None
) -> None:
    assert expected == wanted_ranges({"range": "bytes=1-2", "if-range": condition}, 10, TAG, THEN)


def test_the_tag_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    first = etag_of(path.stat())

    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))

    assert first != etag_of(path.stat())


def test_dates_come_back() -> None:
    assert parse_date(http_date(THEN)) == THEN
    assert parse_date("no date") is None
