"""The client against a server that is a function: errors, retries, and what it sends."""

import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import msgspec
import pytest

from optral.client import http, models
from optral.client.client import Client
from optral.client.errors import ClientError
from optral.client.http import trust

Handler = Callable[[httpx2.Request], httpx2.Response]
ISSUE = {
    "id": "iss_1", "type": "OOMKilled", "severity": "critical", "status": "open", "cluster": "demo", "resource": "api-1",
    "namespace": "shop", "detectedAt": "2026-11-01T12:00:00Z", "hasAnalysis": False, "somethingNew": {"a": 1},
}  # fmt: skip


def client_of(handler: Handler) -> tuple[Client, list[float]]:
    waits: list[float] = []
    return Client("http://optral.test/", "mht_x", sleep=waits.append, transport=httpx2.MockTransport(handler)), waits


def test_decodes_what_it_knows_and_keeps_what_it_does_not() -> None:
    body = msgspec.json.encode({"issues": [ISSUE], "total": 1, "page": 1, "pageSize": 20})
    client, _ = client_of(lambda request: httpx2.Response(200, content=body))
    answer = client.issues.list(status="open", page_size=100, cluster=None)
    assert answer.value.issues[0].detected_at == "2026-11-01T12:00:00Z"
    assert b"somethingNew" in answer.raw


def test_sends_the_key_and_only_the_filters_that_are_set() -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"issues": [], "total": 0})

    client_of(handler)[0].issues.list(status="open", page_size=5, q=None)
    assert seen[0].headers["Authorization"] == "Bearer mht_x"
    assert dict(seen[0].url.params) == {"status": "open", "pageSize": "5"}


@pytest.mark.parametrize("status", [429, 503])
def test_waits_as_long_as_the_server_asks_and_repeats_a_write_under_the_same_key(status: int) -> None:
    keys: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) < 3:
            return httpx2.Response(status, headers={"Retry-After": "7"})
        return httpx2.Response(201, json={"id": "key_1", "name": "ci", "key": "mht_secret"})

    client, waits = client_of(handler)
    assert client.keys.create("ci").value.key == "mht_secret"
    assert waits == [7, 7]
    assert len(set(keys)) == 1


@pytest.mark.parametrize("asked", ["Wed, 21 Oct 2026 07:28:00 GMT", "\xb2", "soon"])
def test_waits_its_own_time_where_the_server_names_no_seconds(asked: str) -> None:
    answers = [httpx2.Response(503, headers=[(b"Retry-After", asked.encode("latin-1"))]), httpx2.Response(200, json={})]
    client, waits = client_of(lambda request: answers.pop(0))
    client.me()
    assert waits == [1]


def test_gives_up_when_told_to_wait_for_long() -> None:
    client, waits = client_of(lambda request: httpx2.Response(429, headers={"Retry-After": "600"}, json={"code": "rate_limited"}))
    with pytest.raises(ClientError) as caught:
        client.me()
    assert (caught.value.code, caught.value.status, waits) == ("rate_limited", 429, [])


def test_tells_a_problem_with_its_fields_and_request() -> None:
    problem = {
        "title": "Bad Request", "status": 400, "code": "invalid_request", "detail": "the query is not right", "requestId": "req_9",
        "errors": [{"field": "status", "code": "unknown_value", "message": "must be open"}],
    }  # fmt: skip
    client, _ = client_of(lambda request: httpx2.Response(400, json=problem))
    with pytest.raises(ClientError, match=r"the query is not right \(status: must be open\)") as caught:
        client.issues.list(status="opne")
    assert (caught.value.code, caught.value.request_id) == ("invalid_request", "req_9")


@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"", b"[1]"])
def test_names_an_answer_that_is_no_problem(body: bytes) -> None:
    client, _ = client_of(lambda request: httpx2.Response(502, content=body))
    with pytest.raises(ClientError, match="returned status 502"):
        client.me()


def test_says_what_to_do_when_nobody_answers() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("connection refused")

    with pytest.raises(ClientError, match=r"cannot connect to http://optral.test .*OPTRAL_URL"):
        client_of(handler)[0].me()


@pytest.mark.parametrize("given", ["../clusters?x=1", "shop/reviews", "..", ".", "", "a b", "a\x00", "%2e%2e", "a" * 300])
def test_what_can_be_no_id_is_never_sent(given: str) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError(request.url)

    with pytest.raises(ClientError) as caught:
        client_of(handler)[0].issues.get(given)
    assert caught.value.code == "bad_id"


def test_a_stream_resumes_after_the_last_event_it_saw() -> None:
    resumed: list[str | None] = []
    bodies = [
        b'retry: 100\n\nid: 7\nevent: issue.created\ndata: {"id":"iss_1"}\n\n: beat\n\n',
        b"id: 8\nevent: issue.resolved\ndata: {}\n\n",
    ]

    def handler(request: httpx2.Request) -> httpx2.Response:
        resumed.append(request.headers.get("Last-Event-ID"))
        return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, content=bodies[len(resumed) - 1])

    client, _ = client_of(handler)
    stream = client.events.follow(types="issue.created,issue.resolved")
    seen = [next(stream), next(stream)]
    assert [(event.id, event.type) for event in seen] == [("7", "issue.created"), ("8", "issue.resolved")]
    assert seen[0].data == {"id": "iss_1"}
    assert resumed == [None, "7"]


def test_a_stream_waits_when_it_is_asked_to_and_ends_when_refused() -> None:
    answers = [httpx2.Response(429, headers={"Retry-After": "3"}), httpx2.Response(401, json={"code": "unauthenticated", "detail": "no"})]
    client, waits = client_of(lambda request: answers.pop(0))
    with pytest.raises(ClientError, match="no"):
        next(client.events.follow())
    assert len(waits) == 1
    assert waits[0] >= 3


def test_trusts_nobody_where_no_tls_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that asks a server on loopback would spend most of its time on the certificates of authorities."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    nobody = trust("http://127.0.0.1:8080")
    assert isinstance(nobody, ssl.SSLContext)
    assert (nobody.cert_store_stats()["x509"], nobody.verify_mode) == (0, ssl.CERT_REQUIRED)
    assert trust("https://optral.test") is True
    monkeypatch.setenv("http_proxy", "https://proxy.test:3128")
    assert trust("http://optral.test") is True, "the way there may be TLS"


def test_threads_build_the_decoder_of_a_type_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once end the process (a race in msgspec 0.22), as when a program asks for its first lists from several threads."""
    building, most = [0], [0]
    real = msgspec.json.Decoder

    class Watched:
        def __init__(self, into: Any) -> None:
            building[0] += 1
            most[0] = max(most[0], building[0])
            self.decode = real(into).decode
            building[0] -= 1

    monkeypatch.setattr(msgspec.json, "Decoder", Watched)
    monkeypatch.setattr(http, "_decoders", {})
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(http.decoder, [models.Cluster] * 50 + [models.Issue] * 50))
    assert most == [1]
    assert len(set(map(id, found))) == 2
