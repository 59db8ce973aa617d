"""The page about the tools is what the tools say."""

from pathlib import Path

from optral.mcp import page

PAGE = Path(__file__).parents[2] / "docs/reference/assistant-tools.md"


def test_the_page_is_generated_from_the_tools() -> None:
    assert PAGE.read_text() == page.as_markdown(), "run: python -m optral.mcp.page > docs/reference/assistant-tools.md"
