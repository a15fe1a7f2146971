"""Texts: English as they are, translated by their template, and the same after they were stored."""

import pytest

from innkeeper.domain.errors import Duplicate, Invalid, NotNow, Problem
from innkeeper.domain.texts import Text, said, together
from innkeeper.store.texts import from_column, packed, to_column, unpacked

LEAST = Text("at least %(least)s characters", {"least": 10})
GERMAN = {
    "at least %(least)s characters": "mindestens %(least)s Zeichen",
    "%(field)s: %(value)s - expected %(expected)s": "%(field)s: %(value)s – erwartet: %(expected)s",
    "a list of texts": "eine Liste von Texten",
}


def in_german(text: Text | str) -> str:
    return said(text, lambda template: GERMAN.get(template, template))


def test_parameters_that_are_texts_are_translated_with_it() -> None:
    refused = Invalid(Problem("name", "a", LEAST), Problem("tag", 7, "a list of texts"))

    assert refused.message == "name: 'a' - expected at least 10 characters; tag: 7 - expected a list of texts"
    assert (
        in_german(refused.text)
        == "name: 'a' – erwartet: mindestens 10 Zeichen; tag: 7 – erwartet: eine Liste von Texten"
    )


def test_a_plain_string_is_a_template_without_gaps() -> None:
    assert in_german("a list of texts") == "eine Liste von Texten"


def test_values_are_never_templates() -> None:
    refused = Duplicate("username", "%(field)s 100%")

    assert refused.message == "username: '%(field)s 100%' is taken"


def test_template_without_parameters_stands_as_it_is() -> None:
    assert NotNow("100 % sure").message == "100 % sure"


@pytest.mark.parametrize(
    "text", [Text("plain"), LEAST, together(LEAST, Text("plain")), Problem("a", "%", LEAST).text]
)
def test_stored_text_is_the_same_again(text: Text) -> None:
    assert text == unpacked(packed(text))
    assert text == from_column(to_column(text, 1000))


def test_no_text_is_stored_as_nothing() -> None:
    assert to_column(None, 1000) == ""
    assert from_column("") is None


def test_sentences_of_older_versions_are_shown_as_they_are() -> None:
    assert str(from_column("user 'bob' is gone")) == "user 'bob' is gone"
    assert str(unpacked("user 'bob' is gone")) == "user 'bob' is gone"


def test_text_that_is_too_long_is_cut() -> None:
    kept = from_column(to_column(Text("%(name)s is gone", {"name": "x" * 50}), 10))

    assert str(kept) == "x" * 10
