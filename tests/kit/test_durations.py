"""Durations as people write and read them."""

import pytest

from optral.kit import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("2h", 7200), ("7d", 604_800), ("604800", 604_800), ("0", 0), ("", None), ("h", None), ("-1h", None),
     ("1.5h", None), ("1w", None), ("1000000d", None), ("\u0663m", None)],
)  # fmt: skip
def test_reads_what_people_write(text: str, seconds: int | None) -> None:
    assert durations.seconds(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "words", "short"),
    [(0, "0 seconds", "1 s"), (1, "1 second", "1 s"), (59, "59 seconds", "59 s"), (59.6, "1 minute", "1 min"), (-600, "10 minutes", None),
     (5399, "90 minutes", "1.5 h"), (5400, "2 hours", "1.5 h"), (7200, "2 hours", "2 h"), (172_799, "48 hours", "2 d"),
     (181_440, "2 days", "2.1 d")],
)  # fmt: skip
def test_writes_what_people_read(seconds: float, words: str, short: str | None) -> None:
    assert durations.in_words(seconds) == words
    assert short is None or durations.short(seconds) == short


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, None), ("7", 7), ("0.01", 0.01), ("\xb2", None), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
def test_reads_the_form_of_retry_after_that_is_in_seconds(header: str | None, seconds: float | None) -> None:
    assert durations.retry_after_s(header) == seconds
