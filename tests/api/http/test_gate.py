"""What holds for every request: who asks, how often, how large, and that each answer says so."""

import asyncio
import logging
import socket

import httpx2
import pytest
import structlog.testing

import optral
from optral.access import service as access
from optral.api.http import problems
from optral.kit.keyed_rate_limit import KeyedRateLimit
from optral.terms.errors import Unavailable
from tests.api.conftest import Api, another_organisation, running


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="none"),
        pytest.param("Bearer", id="no key"),
        pytest.param("Bearer mht_short", id="short"),
        pytest.param("Bearer mht_" + "0" * 46, id="wrong checksum"),
        pytest.param("Basic dXNlcjpwYXNz", id="another scheme"),
        pytest.param("Bearer mht_0000000000000000000000000000000000000000" + "000000", id="mistyped"),
    ],
)
async def test_every_bad_key_gets_the_same_401(api: Api, header: str | None) -> None:
    answer = await api.get("/v1/me", key=None, headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    plain = await api.get("/v1/me", key=None)
    assert {**plain.json(), "requestId": ""} == {**answer.json(), "requestId": ""}
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["x-ratelimit-limit"] == "30"


async def test_revoked_and_expired_keys_get_it_too(api: Api) -> None:
    key, expiring = await api.new_key(), await api.new_key(expires_in_s=60)
    assert (await api.get("/v1/me", key=key)).status_code == 200
    mine = next(one for one in (await api.get("/v1/api-keys")).json()["apiKeys"] if key.startswith(one["prefix"][:8]))
    assert (await api("DELETE", f"/v1/api-keys/{mine['id']}")).status_code == 200
    api.clock.advance(1)
    assert (await api.get("/v1/me", key=key)).status_code == 401
    assert (await api.get("/v1/me", key=expiring)).status_code == 200
    api.clock.advance(61)
    assert (await api.get("/v1/me", key=expiring)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/clusters/", 404, "not_found"),
        ("GET", "/v1/issues/iss_1", 404, "not_found"),
        ("GET", "/v1/issues/%00", 404, "not_found"),
        ("DELETE", "/v1/issues", 405, "method_not_allowed"),
        ("PUT", "/v1/clusters", 405, "method_not_allowed"),
        ("POST", "/api/events", 405, "method_not_allowed"),
        ("GET", "/v1/issues?x=" + "y" * 9000, 414, "url_too_long"),
        ("GET", "/v1/issues?statu=open", 400, "unknown_parameter"),
        ("GET", "/v1/issues?severity=bad", 400, "bad_parameter"),
        ("GET", "/v1/issues?page=0", 400, "bad_parameter"),
        ("GET", "/v1/issues?page=101&pageSize=100", 400, "page_too_deep"),
        ("GET", "/v1/issues?cursor=abc", 400, "bad_cursor"),
        ("GET", "/v1/issues?q=%00", 400, "bad_parameter"),
        ("GET", "/v1/me?" + "&".join(f"a{n}=1" for n in range(51)), 400, "too_many_parameters"),
    ],
)
async def test_answers_each_mistake_by_its_name(api: Api, method: str, path: str, status: int, code: str) -> None:
    answer = await api(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_405_names_all_methods_of_the_address(api: Api) -> None:
    assert (await api("PUT", "/v1/clusters")).headers["allow"] == "GET, HEAD, POST"


async def test_options_and_head(api: Api) -> None:
    asked = await api("OPTIONS", "/v1/clusters", key=None)
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert (await api("OPTIONS", "/v1/nothing", key=None)).status_code == 404
    head = await api("HEAD", "/v1/me")
    assert head.status_code == 200 and head.content == b""


@pytest.mark.parametrize(("path", "status"), [("/v1/me", 200), ("/v1/clusters", 200), ("/v1/nothing", 404), ("/livez", 200)])
async def test_head_answers_with_the_headers_of_get_and_raises_nothing(
    api: Api, path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    head, full = await api("HEAD", path), await api("GET", path)
    again = await api("HEAD", path)  # on the same connection, which an error would have closed
    assert (head.status_code, again.status_code, head.content) == (status, status, b"")
    assert head.headers["content-length"] == str(len(full.content))
    assert {name for name in head.headers if name != "connection"} == {name for name in full.headers if name != "connection"}
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        pytest.param(b"{", {}, 400, "malformed_json", id="half an object"),
        pytest.param(b"[" * 100_000, {}, 400, "malformed_json", id="deep"),
        pytest.param(b'{"name":NaN}', {}, 400, "malformed_json", id="NaN"),
        pytest.param(b'{"name":"\\ud800"}', {}, 400, "malformed_json", id="half a surrogate pair"),
        pytest.param(b'{"name":"a\\u0000"}', {}, 400, "malformed_json", id="NUL"),
        pytest.param(b'{"name":9223372036854775808}', {}, 400, "malformed_json", id="2^63"),
        pytest.param(b"[]", {}, 422, "invalid_body", id="a list"),
        pytest.param(b"{}", {}, 422, "invalid_body", id="nothing"),
        pytest.param(b'{"name":"a","nam":1}', {}, 422, "invalid_body", id="an unknown member"),
        pytest.param(b'{"name":"UPPER"}', {}, 422, "invalid_body", id="a bad name"),
        pytest.param(b'{"name":1}', {}, 422, "invalid_body", id="a number"),
        pytest.param(b'{"name":"a"}', {"Content-Type": "text/plain"}, 415, "unsupported_media_type", id="text"),
        pytest.param(
            b'{"name":"a"}', {"Content-Type": "application/merge-patch+json"}, 415, "unsupported_media_type", id="merge patch to POST"
        ),
        pytest.param(b'{"name":"a"}', {"Content-Encoding": "gzip"}, 415, "unsupported_encoding", id="gzip"),
        pytest.param(b'{"name":"' + b"a" * 5_000_000 + b'"}', {}, 413, "body_too_large", id="5 MB"),
        pytest.param(b'{"name":"good"}', {"Idempotency-Key": "x" * 256}, 400, "bad_idempotency_key", id="a long idempotency key"),
    ],
)
async def test_refuses_bad_bodies_and_writes_nothing(api: Api, content: bytes, headers: dict[str, str], status: int, code: str) -> None:
    answer = await api("POST", "/v1/clusters", content=content, headers={"Content-Type": "application/json", **headers})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await api.get("/v1/clusters")).json()["total"] == 0


async def test_the_window_falls_by_one_and_then_refuses(api: Api) -> None:
    key = await api.new_key(limit=3)
    left = [(await api.get("/v1/me", key=key)).headers["x-ratelimit-remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = await api.get("/v1/me", key=key)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "60"
    api.clock.advance(61)
    assert (await api.get("/v1/me", key=key)).status_code == 200


async def test_failures_count_against_the_address(api: Api) -> None:
    statuses = [(await api.get("/v1/me", key=None)).status_code for _ in range(31)]
    assert statuses == [401] * 30 + [429]
    assert (await api.get("/v1/me")).status_code == 200


async def test_a_key_in_the_address_is_refused_and_audited(api: Api) -> None:
    answer = await api.get(f"/v1/me?key={api.key}")
    assert (answer.status_code, answer.json()["code"]) == (400, "key_in_url")
    records = await api.store.read(api.owner, lambda tx: access.records_after(tx, 0))
    assert [record.action for record in records if record.outcome == "denied"] == ["key.exposed"]
    assert api.key not in str(records)


async def test_scopes_are_asked_before_anything_else(api: Api) -> None:
    key = await api.new_key(scopes={"issues:read"})
    refused = await api.get("/v1/clusters?nonsense=1", key=key)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert "clusters:read" in refused.json()["detail"]
    assert (await api.get("/v1/issues", key=key)).status_code == 200
    assert (await api.get("/v1/me", key=key)).json()["actor"]["scopes"] == ["issues:read"]


async def test_another_organisation_sees_nothing(api: Api) -> None:
    cluster_id = await api.new_cluster("mine")
    stranger = await api.new_key(maker=await another_organisation(api))
    assert (await api.get(f"/v1/clusters/{cluster_id}", key=stranger)).status_code == 404
    assert (await api("PATCH", f"/v1/clusters/{cluster_id}", key=stranger, json={"name": "stolen"})).status_code == 404
    assert (await api("DELETE", f"/v1/clusters/{cluster_id}", key=stranger)).status_code == 404
    assert (await api.get("/v1/clusters", key=stranger)).json()["total"] == 0


async def test_an_unexpected_error_is_one_500_that_tells_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_tx: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(access, "me", broken)
    answer = await api.get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


async def test_a_slow_handler_is_cut_at_its_deadline(store, clock, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    async with running(store, clock, handler_deadline_s=0.05) as api:

        async def slow(*_: object) -> None:
            await asyncio.sleep(10)

        monkeypatch.setattr(type(api.store), "read", slow)
        answer = await api.get("/v1/clusters")
    assert (answer.status_code, answer.json()["code"]) == (503, "deadline_exceeded")


@pytest.mark.parametrize(("method", "ends"), [("GET", True), ("HEAD", True), ("DELETE", False)])
async def test_a_client_that_goes_ends_the_work_of_a_request_that_only_reads(
    api: Api, monkeypatch: pytest.MonkeyPatch, method: str, ends: bool
) -> None:
    """A query goes on in the database otherwise, and keeps its place there. A change is finished."""
    begun, ended, go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> None:
        begun.set()
        try:
            await go.wait()
        finally:
            ended.set()

    await api.get("/v1/me")
    for access_ in ("read", "write"):
        monkeypatch.setattr(type(api.store), access_, slow)
    url = httpx2.URL(api.url)
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"{method} /v1/clusters/cls_01jd3q4m6ve5jt8cmykq3rzm0a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {api.key}\r\n\r\n".encode()
    )
    await asyncio.wait_for(begun.wait(), 30)
    with structlog.testing.capture_logs() as logged:
        writer.close()
        if ends:
            await asyncio.wait_for(ended.wait(), 30)
        else:
            await writer.wait_closed()
            assert (await api.get("/livez", key=None)).status_code == 200, "the server has seen the end of the connection"
            assert not ended.is_set()
    assert not logged
    go.set()
    await asyncio.wait_for(ended.wait(), 30)
    monkeypatch.undo()


async def test_what_lives_outside_needs_no_key(api: Api) -> None:
    assert (await api.get("/livez", key=None)).json() == {"status": "ok"}
    ready = (await api.get("/readyz", key=None)).json()
    assert (ready["status"], ready["version"]) == ("ok", optral.__version__)
    assert set((await api.get("/agent/bootstrap.json", key=None)).json()) == {"caPem", "enrollAddress", "tunnelAddress"}
    page = await api.get("/docs", key=None)
    assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
    assert (await api.get("/docs/swagger-ui-bundle.js", key=None)).status_code == 200
    assert (await api.get("/docs/../gate.py", key=None)).status_code == 404


async def test_readyz_says_what_is_not_ready(store, clock) -> None:  # type: ignore[no-untyped-def]
    async def holds() -> bool:
        return True

    async def fails() -> bool:
        raise OSError("gone")

    async with running(store, clock, checks={"database": holds, "tunnel": fails}) as api:
        answer = await api.get("/readyz", key=None)
    assert (answer.status_code, answer.json()["checks"]) == (503, {"database": "ok", "tunnel": "failed"})


async def test_readyz_shows_warnings_and_stays_ready(store, clock) -> None:  # type: ignore[no-untyped-def]
    async with running(store, clock, warnings=lambda: ("the CA expires on 2036-11-24; rotate it with: optral ca rotate",)) as api:
        answer = await api.get("/readyz", key=None)
    assert (answer.status_code, len(answer.json()["warnings"])) == (200, 1)


async def test_a_server_that_stops_is_unready_and_still_answers(api: Api) -> None:
    api.services.stopping.set()
    answer = await api.get("/readyz", key=None)
    assert (answer.status_code, answer.json()["status"]) == (503, "stopping")
    assert (await api.get("/livez", key=None)).status_code == 200
    assert (await api.get("/v1/me")).status_code == 200


async def test_what_fails_for_every_request_is_logged_once_a_minute(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise Unavailable("database_unavailable", log="database or disk is full", retry_after_s=1, say="the database does not answer")

    now_s = [1000.0]
    monkeypatch.setattr(problems, "_reports", KeyedRateLimit(monotonic=lambda: now_s[0]))
    monkeypatch.setattr(type(api.store), "read", full)
    with structlog.testing.capture_logs() as lines:
        for wait_s in (0, 1, 1, 60):
            now_s[0] += wait_s
            assert (await api.get("/v1/clusters")).status_code == 503
    assert [line["left_out"] for line in lines if line["event"] == "request failed"] == [0, 2]


async def test_a_request_that_is_no_http_does_not_stop_the_next(api: Api) -> None:
    with socket.create_connection(("127.0.0.1", httpx2.URL(api.url).port or 0)) as raw:
        raw.sendall(b"GARBAGE\r\n\r\n")
        await asyncio.sleep(0)
    assert (await api.get("/v1/me")).status_code == 200
