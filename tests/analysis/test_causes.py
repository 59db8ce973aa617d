"""The taxonomy and its page."""

from pathlib import Path

from optral.analysis import causes

PAGE = Path(__file__).parents[2] / "docs" / "causes.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text() == causes.as_markdown(), "run: python -m optral.analysis.causes > docs/causes.md"


def test_no_cause_has_two_meanings_or_no_words() -> None:
    assert len(causes.BY_ID) == len(causes.CAUSES) >= 40
    assert all(all(cause) for cause in causes.CAUSES)
