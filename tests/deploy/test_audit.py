"""The audit of dependencies: it fails for what is wrong, and never calls good what it could not check."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from deploy import audit
from deploy.images import recipe

HASH = "--hash=sha256:" + "0" * 64
GOOD = f"structlog==26.1.0 \\\n    {HASH}\n"
NOBODY = "http://127.0.0.1:1"  # a port where nothing listens


@contextmanager
def osv(answer: object) -> Iterator[str]:
    """An OSV that knows the vulnerabilities of one package."""
    with HTTPServer(("127.0.0.1", 0), partial(_Osv, answer)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Osv(BaseHTTPRequestHandler):
    def __init__(self, answer: object, *request: object) -> None:
        self.answer = answer
        super().__init__(*request)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert asked["queries"][0]["package"] == {"ecosystem": "PyPI", "name": "structlog"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.answer).encode())

    def log_message(self, *_: object) -> None:
        pass


def lock(folder: Path, text: str) -> Path:
    path = folder / "server.txt"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        pytest.param({"results": [{}]}, 0, "vulnerabilities: none known in 1 packages", id="none"),
        pytest.param({"results": [{"vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-2"}]}]}, 1, "structlog 26.1.0: PYSEC-1, GHSA-2", id="two"),
        pytest.param({"results": []}, 2, "NOT CHECKED", id="an incomplete answer"),
        pytest.param(["?"], 2, "NOT CHECKED", id="another answer"),
    ],
)
def test_known_vulnerabilities_fail(answer: object, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with osv(answer) as url:
        assert audit.audit([lock(tmp_path, GOOD)], osv=url) == code
    assert said in capsys.readouterr().out


def test_without_an_answer_the_audit_is_not_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.audit([lock(tmp_path, GOOD)], osv=NOBODY) == 2
    assert "vulnerabilities: NOT CHECKED" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    ["structlog==26.1.0\n", f"structlog>=26 \\\n    {HASH}\n", "structlog @ https://example.com/structlog.whl\n", "-r other.txt\n"],
    ids=["no hash", "not pinned", "an address", "another file"],
)
def test_what_is_not_pinned_by_a_hash_fails(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.audit([lock(tmp_path, GOOD + text)], osv=None) == 1
    assert "hashes: FAILED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only", False),
        ("Proprietary", False),
        (None, False),
    ],
)
def test_licenses_that_bind_users_are_refused(expression: str | None, is_allowed: bool) -> None:
    assert audit.is_allowed(expression) is is_allowed


def test_the_locks_of_this_commit_are_good_apart_from_what_the_network_would_say(capsys: pytest.CaptureFixture[str]) -> None:
    code = audit.audit(sorted((recipe.ROOT / "requirements").glob("*.txt")), osv=None)
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert "vulnerabilities: NOT CHECKED (--offline)" in shown
