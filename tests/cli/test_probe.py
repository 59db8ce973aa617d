"""`optral probe`: the target as people write it, and an exit code for scripts."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from optral.cli.probe import Target, read_target
from optral.terms.errors import Misconfigured
from tests.support.commandline import optral
from tests.support.serving import JsonHandler, on_thread

FOUND = {"check": "tcp", "outcome": "reachable", "summary": "From the agent's pod: TCP connect to 10.0.3.4:80 succeeded", "tookMs": 2}


class Server(JsonHandler):
    """Knows Service web of namespace shop, and what `outcome` says of it."""

    outcome = "reachable"
    bodies: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        names = ["web-canary", "web"] if "kind=Service" in self.path else []
        self.answer(
            {
                "resources": [{"id": f"res_{name}", "kind": "Service", "name": name, "cluster": "production"} for name in names],
                "clusters": [{"id": "cls_01h455vb4pex5vsknk084sn02q", "name": "production", "status": "online"}],
                "total": len(names),
                "page": 1,
                "pageSize": 100,
            }
        )

    def do_POST(self) -> None:
        self.bodies.append({"path": self.path} | json.loads(self.sent()))
        self.answer(FOUND | {"outcome": self.outcome})


@pytest.fixture
def url() -> Iterator[str]:
    Server.bodies.clear()
    with on_thread(Server) as address:
        yield address


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("shop/web:80", Target("Service", "shop", "web", 80)),
        ("svc/shop/web:80", Target("Service", "shop", "web", 80)),
        ("Service/shop/web", Target("Service", "shop", "web", None)),
        ("pod/shop/web-1:8080", Target("Pod", "shop", "web-1", 8080)),
    ],
)
def test_a_target(text: str, target: Target) -> None:
    assert read_target(text) == target


@pytest.mark.parametrize("text", ["web", "web:80", "10.0.3.4:80", "node/shop/n1:10250", "a/b/c/d:1", "shop/web:", "http://shop/web", ""])
def test_what_is_no_target_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_target(text)
    assert "shop/web:80" in refused.value.say


@pytest.mark.parametrize(("outcome", "code"), [("reachable", 0), ("unreachable", 1), ("unknown", 1)])
def test_the_exit_code_tells_the_outcome(url: str, monkeypatch: pytest.MonkeyPatch, outcome: str, code: int) -> None:
    monkeypatch.setattr(Server, "outcome", outcome)
    done = optral("probe", "production", "shop/web:80", "--url", url, "--api-key", "mht_x")
    assert done.returncode == code, done.stderr
    assert outcome in done.stdout
    assert str(FOUND["summary"]) in done.stdout
    assert Server.bodies == [{"path": "/v1/resources/res_web/probe", "check": "tcp", "port": 80}]


def test_an_object_that_is_not_in_the_inventory(url: str) -> None:
    done = optral("probe", "production", "pod/shop/web-1:80", "--url", url, "--api-key", "mht_x")
    assert (done.returncode, "has no Pod web-1 in namespace shop" in done.stderr) == (1, True)


def test_misuse(url: str) -> None:
    done = optral("probe", "production", "web", "--url", url, "--api-key", "mht_x")
    assert done.returncode == 2, done.stderr
    assert Server.bodies == []
