"""Text of strangers: nothing in it moves a cursor, or hides or reorders other text."""

import pytest

from optral.kit import printable

HOSTILE = ["\x1b[2J", "\u202e", "\u061c", "\u00ad", "\u200b", "\u2066", "\ufeff", "\U000e0041", "\ud800", "\x85"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_nobody_should_see_is_gone(text: str) -> None:
    assert printable.one_line(f"a{text}b\nc").isprintable()
    assert printable.lines(f"a{text}b\nc\td").split("\n")[1] == "c\td"
    assert printable.lines(f"a{text}b\nc\td").replace("\n", "").replace("\t", "").isprintable()


def test_letters_of_all_languages_stay() -> None:
    text = "Grüße 東京 مرحبا 𝕏́ 🚀"
    assert printable.one_line(text) == printable.lines(text) == printable.escaped(text) == printable.visible(text) == text


def test_a_long_line_is_cut() -> None:
    assert printable.one_line("abcdef", most=4) == "abc…"
    assert printable.one_line(None) == ""


def test_escapes_as_json_does() -> None:
    assert printable.escaped("a\x1b\u202e\U000e0041\n") == "a\\u001b\\u202e\\udb40\\udc41\n"


def test_colors_are_removed_whole() -> None:
    assert printable.visible("\x1b[31mred\x1b[0m\u202e\tb\n") == "red\tb\n"
