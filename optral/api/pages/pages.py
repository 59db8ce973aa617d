"""Serves the dashboard: the files that `make dashboard` builds into static/, and one HTML page for all addresses of the dashboard.

A browser that navigates to an unknown address gets the same page with status 404, and the page shows "not found". Other clients, and all
unknown addresses of the API, get a problem as JSON.

File names under /assets contain a hash of the content and are cached forever; the HTML page is revalidated on each request. Clients that
accept an encoding get the compressed file (.br, .gz). Only files in the listing of the folder are served, which excludes path traversal.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

_BELOW = ("/issues", "/clusters", "/resources", "/runbooks", "/executions", "/settings")
_PAGES = (
    "/",
    "/login",
    "/sign-in/callback",
    "/signed-out",
    "/setup",
    "/invite",
    "/reset",
    "/forgot",
    "/device",
    "/authorize",
    "/triggers",
    "/alerts",
    "/activity",
    *_BELOW,
)
_NEVER_PAGES = ("/v1", "/api", "/assets")
_AT_ROOT = ("theme.js", "favicon.svg")
_MEDIA = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_REFUSED = re.compile(r";\s*q=0(\.0*)?\s*$")
_KEPT_FILES = 512
_FOR_EVER = "public, max-age=31536000, immutable"
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Inline styles are let in because the dialogs' scroll lock writes a <style> element; scripts never are."""
_MISSING = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Optral</title></head>
<body>
<h1>The dashboard's files are not here</h1>
<p>This server runs from sources without the built dashboard. Build it with <code>make dashboard</code> (needs Node 20),
or install the package.</p>
<p>The REST API works: see <a href="/docs">/docs</a>.</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    etag: str


def add(app: FastAPI, folder: Traversable | None = None) -> None:
    """Serve the pages from `folder`; by default what was built into the package."""
    static = _Static(folder if folder is not None else files("optral.api") / "static")

    async def page(request: Request) -> Response:
        return static.answer(request, "index.html", cache="no-cache", else_missing=True)

    async def asset(request: Request) -> Response:
        return static.answer(request, f"assets/{request.path_params['name']}", cache=_FOR_EVER)

    async def at_root(request: Request) -> Response:
        return static.answer(request, request.url.path.lstrip("/"), cache="no-cache")

    for path in (*_PAGES, *(f"{path}/{{rest:path}}" for path in _BELOW)):
        app.router.add_route(path, page, methods=["GET"], include_in_schema=False)
    for name in _AT_ROOT:
        app.router.add_route(f"/{name}", at_root, methods=["GET"], include_in_schema=False)
    app.router.add_route("/assets/{name}", asset, methods=["GET"], include_in_schema=False)

    no_route = app.router.default

    async def unknown(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_navigation(request := Request(scope, receive)):
            await static.answer(request, "index.html", status=404, cache="no-store", else_missing=True)(scope, receive, send)
            return
        await no_route(scope, receive, send)

    app.router.default = unknown  # a catch-all route would also answer other methods, with 405 instead of 404


def _is_navigation(request: Request) -> bool:
    """Whether a person opened this address in a browser: only browsers ask for HTML by name."""
    if request.method != "GET" or any(request.url.path == at or request.url.path.startswith(at + "/") for at in _NEVER_PAGES):
        return False
    return "text/html" in _accepted(request.headers.get("accept", ""))


def _accepted(header: str) -> set[str]:
    """The values of Accept or Accept-Encoding without those refused with `q=0`."""
    return {part.partition(";")[0].strip().lower() for part in header.split(",") if not _REFUSED.search(part)}


class _Static:
    """The built files. They do not change while the server runs, so each is read once."""

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder
        self._names = frozenset(_names(folder))
        self._file = lru_cache(maxsize=_KEPT_FILES)(self._read)

    def answer(self, request: Request, name: str, *, cache: str, status: int = 200, else_missing: bool = False) -> Response:
        if name not in self._names:
            if else_missing:
                return HTMLResponse(_MISSING, 503, {"Content-Security-Policy": _CSP, "Cache-Control": "no-store"})
            return Response(status_code=404)
        sent, encoding = self._variant(name, request.headers.get("accept-encoding", ""))
        file = self._file(sent)
        suffix = name[name.rfind(".") :]
        # The policy stands on 304 too, else the gate's own would replace the one the browser kept; and on scripts: a worker has its file's.
        headers = {"Cache-Control": cache, "ETag": file.etag, "Vary": "Accept-Encoding", "Content-Security-Policy": _CSP}
        if suffix == ".html":
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if status == 200 and file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if encoding is not None:
            headers["Content-Encoding"] = encoding
        return Response(file.content, status, headers=headers, media_type=_MEDIA.get(suffix, "application/octet-stream"))

    def _variant(self, name: str, accepted: str) -> tuple[str, str | None]:
        """The file to send, and its encoding: the smallest the caller takes."""
        takes = _accepted(accepted)
        for encoding, suffix in _ENCODINGS:
            if encoding in takes and name + suffix in self._names:
                return name + suffix, encoding
        return name, None

    def _read(self, name: str) -> _File:
        content = self._folder.joinpath(*name.split("/")).read_bytes()
        return _File(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _names(folder: Traversable, prefix: str = "") -> list[str]:
    """The paths of all files below the folder, with `/` between names; empty if the folder does not exist."""
    if not folder.is_dir():
        return []
    found: list[str] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        found += _names(entry, name + "/") if entry.is_dir() else [name]
    return found
