"""Canonical paths: what they keep, what they refuse, and how they are taken apart."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innkeeper.domain import paths
from innkeeper.domain.errors import Invalid


@pytest.mark.parametrize(
    ("given_path", "expected"),
    [
        ("", "/"),
        (".", "/"),
        ("/", "/"),
        ("a/b/", "/a/b"),
        ("//a///b", "/a/b"),
        ("/a/./b/../c", "/a/c"),
        ("/../../etc/passwd", "/etc/passwd"),
        ("/a/../../..", "/"),
        ("/...", "/..."),
        ("/cafe\u0301", "/caf\u00e9"),
        ("/a b\\c", "/a b\\c"),
    ],
)
def test_normalize_gives_the_canonical_form(given_path: str, expected: str) -> None:
    assert paths.normalize(given_path) == expected


@pytest.mark.parametrize(
    "path",
    ["/a\0b", "/" + "x" * 256, "/" + "é" * 128, "/x" * 2001, "/lone\ud800surrogate"],
    ids=["nul", "long name", "long in bytes", "long path", "not encodable"],
)
def test_normalize_refuses(path: str) -> None:
    with pytest.raises(Invalid) as caught:
        paths.normalize(path)

    assert caught.value.problems[0].field == "path"


def test_bytes_that_are_no_utf8_survive() -> None:
    path = os.fsdecode(b"/caf\xe9/\xff")

    assert paths.normalize(path) == path
    assert os.fsencode(paths.normalize(path)) == b"/caf\xe9/\xff"


def test_a_name_of_the_longest_size_is_kept() -> None:
    path = "/" + "é" * 127 + "x"

    assert paths.normalize(path) == path


@given(st.text(st.sampled_from("a./é\u0301\0"), max_size=20))
def test_normalize_is_idempotent_and_stays_below_the_root(text: str) -> None:
    try:
        path = paths.normalize(text)
    except Invalid:
        return

    assert path == paths.normalize(path)
    assert path.startswith("/")
    assert ".." not in path.split("/")


def test_taking_apart_and_putting_together() -> None:
    assert paths.parent("/a/b") == "/a"
    assert paths.parent("/a") == "/"
    assert paths.parent("/") == "/"
    assert paths.name("/a/b") == "b"
    assert paths.name("/") == ""
    assert paths.join("/", "a") == "/a"
    assert paths.join("/a/b", "c") == "/a/b/c"
    assert list(paths.ancestors("/a/b/c")) == ["/a/b", "/a", "/"]
    assert list(paths.ancestors("/")) == []


def test_within_knows_whole_names() -> None:
    assert paths.is_within("/a/b", "/a")
    assert paths.is_within("/a", "/a")
    assert paths.is_within("/a", "/")
    assert not paths.is_within("/ab", "/a")


@pytest.mark.parametrize("folder", ["/", "/home/bob"])
@pytest.mark.parametrize("path", ["/", "/x", "/x/y"])
def test_above_undoes_below(folder: str, path: str) -> None:
    assert paths.below(paths.above(path, folder), folder) == path
    assert paths.is_within(paths.above(path, folder), folder)
