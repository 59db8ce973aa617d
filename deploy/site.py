"""The hooks of mkdocs.yml: they add the pages of the REST API, and let the search rank guides first and design decisions last."""

import re
from typing import Any

from mkdocs.structure.files import File, Files

from deploy import api_pages

RANKS = (("decisions/", 0.1), ("detectors/README.md", 1), ("detectors/", 0.4), ("reference/", 0.4), ("cli.md", 0.5), ("causes.md", 0.5))
GUIDES = ("how-to/", "install/", "tutorial.md", "people.md", "backup.md", "certificates.md", "explanation/", "roles/")
OPERATIONS = "reference/operations.md"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def on_config(config: Any, **_: Any) -> Any:
    """The menu of the reference gets the pages of the API below the table of its operations."""
    reference = next(item["Reference"] for item in config.nav if "Reference" in item)
    at = next(at for at, item in enumerate(reference) if isinstance(item, dict) and OPERATIONS in item.values())
    made = [{api_pages.title(name.removesuffix(".md")): f"{api_pages.FOLDER}/{name}"} for name in api_pages.pages()]
    reference.insert(at + 1, {"REST API by resource": made})
    return config


def on_files(files: Files, config: Any, **_: Any) -> Files:
    for name, text in api_pages.pages().items():
        files.append(File.generated(config, f"{api_pages.FOLDER}/{name}", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    path = page.file.src_uri
    boost = next((rank for start, rank in RANKS if path.startswith(start)), 3 if path.startswith(GUIDES) else 1)
    page.meta["search"] = {"boost": boost}
    if path == OPERATIONS:
        return _HEADING.sub(lambda found: f"## [{found[1]}](api/{found[1].lower()}.md)", markdown)
    return markdown
