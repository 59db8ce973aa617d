"""The documentation site, built as `make docs` does: no dead link, no lost page, no request to another host, search without a server."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.async_api import Browser, expect

from tests.support.chromium import launched

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# What a page loads by itself; a link that a reader can follow may lead anywhere.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """The addresses on one page: what it loads, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in LOADED and (address := values.get(LOADED[tag])):
            self.loads.add(address)
        if tag == "link" and values.get("rel") not in {"canonical", "prev", "next"} and (address := values.get("href")):
            self.loads.add(address)
        if tag == "a" and (address := values.get("href")):
            self.links.add(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}


def test_every_page_can_be_reached_by_links_from_the_first_one(site: Path, pages: dict[Path, Page]) -> None:
    reached, waiting = set[Path](), [site / "index.html"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        own = {link.partition("#")[0] for link in pages[page].links if not re.match(r"[a-z]+:|#", link)}
        waiting += [target for link in own if (target := (page.parent / unquote(link)).resolve()) in pages]
    assert sorted(str(page.relative_to(site)) for page in pages.keys() - reached) == []


def test_no_page_loads_anything_from_another_host(pages: dict[Path, Page]) -> None:
    assert {address for page in pages.values() for address in page.loads if re.match(r"(https?:)?//", address)} == set()


def test_every_file_that_a_page_loads_is_in_the_folder(pages: dict[Path, Page]) -> None:
    files = {(path.parent / unquote(address.partition("?")[0])).resolve() for path, page in pages.items() for address in page.loads}
    assert sorted(str(file) for file in files if not file.exists()) == []


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


async def test_the_search_works_without_a_server(browser: Browser, site: Path) -> None:
    page = await browser.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    await page.goto((site / "index.html").as_uri())
    await page.get_by_role("textbox", name="Search").click()  # starts the search
    await page.keyboard.type("OOMKilled")
    await expect(page.locator(".md-search-result a").filter(has_text="OOMKilled").first).to_be_visible()
    assert [url for url in requested if not url.startswith(("file:", "about:", "data:"))] == []
