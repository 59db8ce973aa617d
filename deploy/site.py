"""A hook of mkdocs.yml: the search of the documentation ranks guides before reference pages, and design decisions last."""

from typing import Any

RANKS = (("decisions/", 0.1), ("detectors/README.md", 1), ("detectors/", 0.4), ("reference/", 0.4), ("cli.md", 0.5), ("causes.md", 0.5))
GUIDES = ("how-to/", "install/", "tutorial.md", "people.md", "backup.md", "certificates.md", "explanation/")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    path = page.file.src_uri
    boost = next((rank for start, rank in RANKS if path.startswith(start)), 3 if path.startswith(GUIDES) else 1)
    page.meta["search"] = {"boost": boost}
    return markdown
