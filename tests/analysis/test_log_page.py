"""The page of the log signs."""

from pathlib import Path

from optral.analysis import causes, log_page
from optral.analysis.rules import servers
from optral.kube import log_signs

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "log-signs.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == log_page.as_markdown(), "run: python -m optral.analysis.log_page > docs/reference/log-signs.md"


def test_the_causes_on_it_exist() -> None:
    assert set(servers.CAUSE_OF_SIGN) <= set(log_signs.NAMES)
    assert set(servers.CAUSE_OF_SIGN.values()) <= causes.BY_ID.keys()
