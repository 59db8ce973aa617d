"""The built dashboard as a browser and a curious stranger ask for it."""

import gzip
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from optral.api.pages import pages
from tests.dashboard.test_look import routes

PAGE = b"<!doctype html><title>Optral</title>" + b" " * 2000
SCRIPT = b"export const a = 1;" * 200


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "theme.js").write_bytes(b"1;")
    (folder / "assets" / "index-abc.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "index-abc.js.br").write_bytes(b"brotli")
    (tmp_path / "secret.txt").write_text("not yours")
    return folder


def browser(folder: Path) -> TestClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    pages.add(app, folder)
    return TestClient(app)


@pytest.mark.parametrize(
    "path", ["/", "/login", "/setup", "/issues", "/issues/iss_1", "/clusters/new", "/clusters/c/connect", "/settings/api-keys"]
)
def test_every_page_address_gives_the_one_page(built: Path, path: str) -> None:
    answer = browser(built).get(path)
    assert answer.content == PAGE
    assert answer.headers["cache-control"] == "no-cache"
    csp = answer.headers["content-security-policy"]
    assert "script-src 'self';" in csp
    assert "frame-ancestors 'none'" in csp
    assert "unsafe-eval" not in csp


@pytest.mark.parametrize("route", sorted(route for route in routes() if not route.endswith("/$")))
def test_every_address_that_the_dashboard_knows_is_answered_as_found(built: Path, route: str) -> None:
    assert browser(built).get(route.replace("$", "") or "/").status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/login/more", "/assets", "/index.html", "/static/index.html"])
def test_other_addresses_are_not_the_dashboards(built: Path, path: str) -> None:
    assert browser(built).get(path).status_code == 404


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/nope", "/overview", "/activities", "/triggers/more", "/login/more", "/v2", "/index.html"])
def test_a_browser_at_an_unknown_address_gets_the_page_that_says_so(built: Path, path: str) -> None:
    answer = browser(built).get(path, headers={"accept": BROWSER})
    assert answer.status_code == 404
    assert answer.content == PAGE
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self';" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        pytest.param("GET", "/nope", "*/*", id="curl"),
        pytest.param("GET", "/nope", "application/json", id="an API client"),
        pytest.param("GET", "/nope", "application/json, text/html;q=0", id="HTML refused"),
        pytest.param("POST", "/nope", BROWSER, id="a change"),
        *(pytest.param("GET", path, BROWSER, id=path) for path in ("/v1", "/v1/nope", "/api", "/api/nope", "/assets/nope.js")),
    ],
)
def test_api_clients_and_addresses_of_the_api_never_get_the_page(built: Path, method: str, path: str, accept: str) -> None:
    answer = browser(built).request(method, path, headers={"accept": accept})
    assert answer.status_code == 404
    assert b"<!doctype" not in answer.content


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        pytest.param("gzip, deflate, br", "br", id="the smallest"),
        pytest.param("gzip", "gzip", id="no brotli"),
        pytest.param("br;q=0, gzip;q=0.5", "gzip", id="brotli refused"),
        pytest.param("identity", None, id="as it is"),
    ],
)
def test_assets_are_cached_forever_in_an_accepted_encoding(built: Path, accepts: str, encoding: str | None) -> None:
    with browser(built).stream("GET", "/assets/index-abc.js", headers={"accept-encoding": accepts}) as answer:
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["vary"] == "Accept-Encoding"


def test_what_has_not_changed_is_not_sent_again(built: Path) -> None:
    client = browser(built)
    first = client.get("/issues")
    again = client.get("/issues", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret.txt", "..%5C..%5Csecret.txt", "%2e%2e%2fsecret.txt", "index-abc.js%00"])
def test_no_name_leads_out_of_the_folder(built: Path, name: str) -> None:
    assert browser(built).get(f"/assets/{name}").status_code == 404


def test_without_built_files_the_page_says_how_to_get_them(tmp_path: Path) -> None:
    answer = browser(tmp_path / "none").get("/issues")
    assert answer.status_code == 503
    assert "make dashboard" in answer.text
