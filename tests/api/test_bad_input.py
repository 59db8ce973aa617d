"""Whatever is sent: an answer of the 400s that names the mistake, and not a row changed. Over real HTTP, on both engines."""

import zlib
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from optral.access.model import KEY_PREFIX
from optral.store.metadata import metadata
from optral.terms import actor as actors, ids
from tests.api.conftest import Api, another_organisation, running
from tests.api.seeds import finding, objects, observe

COUNTERS = frozenset({"rate_windows"})
JSON = {"Content-Type": "application/json"}


async def rows(api: Api) -> dict[str, list[Any]]:
    """All that is stored, but for the counting of requests."""
    tables = [table for table in metadata.sorted_tables if table.name not in COUNTERS]
    return await api.store.read(
        actors.system(), lambda tx: {table.name: sorted(map(repr, tx.execute(sa.select(table)).all())) for table in tables}
    )


async def filled(api: Api) -> dict[str, str]:
    """One thing of each kind; its address by kind."""
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, finding("api", api=api))
    await objects(api, cluster_id, "a")
    one = {name: (await api.get(f"/v1/{path}")).json()[name][0]["id"] for name, path in LISTS.items()}
    return {"cluster": one["clusters"], "issue": one["issues"], "resource": one["resources"], "key": one["apiKeys"]}


LISTS = {"clusters": "clusters", "issues": "issues", "resources": "resources", "apiKeys": "api-keys"}
CHANGES = [
    ("POST", "/v1/clusters"),
    ("PATCH", "/v1/clusters/{cluster}"),
    ("POST", "/v1/clusters/{cluster}/enrollment-tokens"),
    ("PATCH", "/v1/issues/{issue}"),
    ("POST", "/v1/api-keys"),
]
BODIES: list[tuple[str, bytes, int, str]] = [
    ("half an object", b'{"name":', 400, "malformed_json"),
    ("not JSON", b"name=a", 400, "malformed_json"),
    ("not UTF-8", b'{"name":"\xff"}', 400, "malformed_json"),
    ("NaN", b'{"name":NaN}', 400, "malformed_json"),
    ("infinity", b'{"name":-Infinity}', 400, "malformed_json"),
    ("a hundred thousand brackets", b"[" * 100_000, 400, "malformed_json"),
    ("33 deep", b'{"a":' * 33 + b"1" + b"}" * 33, 400, "malformed_json"),
    ("half a surrogate pair", b'{"name":"\\ud800"}', 400, "malformed_json"),
    ("half a surrogate pair in a name", b'{"\\udfff":"a"}', 400, "malformed_json"),
    ("a surrogate in UTF-8", b'{"name":"\xed\xa0\x80"}', 400, "malformed_json"),
    ("2^63", b'{"limitPerMinute":9223372036854775808}', 400, "malformed_json"),
    ("5,000 digits", b'{"limitPerMinute":' + b"9" * 5000 + b"}", 400, "malformed_json"),
    ("NUL escaped", b'{"name":"a\\u0000b"}', 400, "malformed_json"),
    ("NUL", b'{"name":"a\x00b"}', 400, "malformed_json"),
    ("a name twice", b'{"name":"a","name":"b"}', 400, "malformed_json"),
    ("5 MB", b'{"name":"' + b"a" * 5_000_000 + b'"}', 413, "body_too_large"),
    ("a list", b"[]", 422, "invalid_body"),
    ("a number", b"1", 422, "invalid_body"),
    ("an unknown member", b'{"orgId":"org_1"}', 422, "invalid_body"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
async def test_bad_bodies_change_nothing(api: Api, method: str, path: str) -> None:
    address = path.format(**await filled(api))
    before = await rows(api)
    for what, body, status, code in BODIES:
        answer = await api(method, address, content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (status, code), what
    assert await rows(api) == before


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page=9223372036854775808", "bad_parameter"),
        ("page=-1", "bad_parameter"),
        ("page=1.5", "bad_parameter"),
        ("page=NaN", "bad_parameter"),
        ("page=%D9%A1%D9%A2&pageSize=x", "bad_parameter"),
        ("pageSize=" + "9" * 5000, "bad_parameter"),
        ("q=%00", "bad_parameter"),
        ("q=%ED%A0%80", "bad_parameter"),
        ("q=" + "a" * 3000, "bad_parameter"),
        ("cursor=" + "A" * 400, "bad_cursor"),
        ("sort=name;drop", "bad_parameter"),
        ("Page=1", "unknown_parameter"),
        ("page=1&page=2", "repeated_parameter"),
    ],
)
async def test_bad_queries_are_named(api: Api, query: str, code: str) -> None:
    for path in ("/v1/issues", "/v1/resources", "/v1/clusters"):
        answer = await api.get(f"{path}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("tail", ["%00", "%ED%A0%80", "%FF", "..%2F..%2Fme", "iss_" + "9" * 26, "iss_" + "z" * 3000, "'--"])
async def test_bad_ids_are_nothing(api: Api, tail: str) -> None:
    for method, more in (("GET", {}), ("PATCH", {"json": {"status": "resolved"}})):
        answer = await api(method, f"/v1/issues/{tail}", **more)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found") or answer.json()["code"] == "issue_not_found"


def with_checksum(body: str) -> str:
    """A key of the right form that nobody was given."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    left, digits = zlib.crc32((KEY_PREFIX + body).encode()), ""
    for _ in range(6):
        left, digit = divmod(left, 62)
        digits = alphabet[digit] + digits
    return KEY_PREFIX + body + digits


async def test_all_invalid_keys_get_the_same_answer(api: Api) -> None:
    revoked = await api.new_key()
    revoked_id = (await api.get("/v1/me", key=revoked)).json()["actor"]["id"]
    expired = await api.new_key(expires_in_s=60)
    await api("DELETE", f"/v1/api-keys/{revoked_id}")
    api.clock.advance(61)
    mistyped = api.key[:20] + ("b" if api.key[20] == "a" else "a") + api.key[21:]
    unknown = with_checksum("0" * 40)
    given: list[str | None] = [None, "", "Bearer", "Bearer x", f"Basic {api.key}", api.key, f"Bearer {api.key}x", "Bearer é"]
    given += [f"Bearer {key}" for key in (mistyped, unknown, revoked, expired)]
    before = await rows(api)
    seen = [plain(await api.get("/v1/clusters", key=None, headers={} if one is None else {"Authorization": one.encode()})) for one in given]
    assert seen[0][0] == 401
    assert all(one == seen[0] for one in seen)
    assert await rows(api) == before


def plain(answer: httpx2.Response, *, hide: str = "") -> tuple[int, Any, dict[str, str]]:
    """A response without what differs between any two (date, request id, remaining requests), and without the requested id."""
    body = answer.json()
    body.pop("requestId", None)
    varying = {"date", "x-request-id", "x-ratelimit-remaining", "content-length"}
    body["detail"] = body["detail"].replace(hide, "") if hide else body["detail"]
    return answer.status_code, body, {name: value for name, value in answer.headers.items() if name not in varying}


THINGS = [
    ("GET", "/v1/clusters/{cluster}", None),
    ("PATCH", "/v1/clusters/{cluster}", {"name": "stolen"}),
    ("DELETE", "/v1/clusters/{cluster}", None),
    ("POST", "/v1/clusters/{cluster}/enrollment-tokens", {}),
    ("GET", "/v1/clusters/{cluster}/install", None),
    ("GET", "/v1/issues/{issue}", None),
    ("PATCH", "/v1/issues/{issue}", {"status": "resolved"}),
    ("GET", "/v1/issues/{issue}/activity", None),
    ("GET", "/v1/issues/{issue}/captured", None),
    ("GET", "/v1/resources/{resource}", None),
    ("GET", "/v1/resources/{resource}/history", None),
    ("GET", "/v1/resources/{resource}/events", None),
    ("GET", "/v1/resources/{resource}/tree", None),
    ("GET", "/v1/api-keys/{key}", None),
    ("DELETE", "/v1/api-keys/{key}", None),
]
PREFIXES = {"cluster": "cls", "issue": "iss", "resource": "res", "key": "key"}


async def test_objects_of_another_organization_get_the_same_answer_as_unknown_ones(api: Api) -> None:
    theirs = await filled(api)
    stranger = await api.new_key(maker=await another_organisation(api))
    before = await rows(api)
    for method, path, body in THINGS:
        kind = path.partition("{")[2].partition("}")[0]
        answers = []
        for one in (theirs[kind], ids.new(PREFIXES[kind])):
            more: dict[str, Any] = {} if body is None else {"json": body}
            answer = await api(method, path.format(**{kind: one}), key=stranger, **more)
            answers.append(plain(answer, hide=one))
        assert answers[0][0] == 404, path
        assert answers[0] == answers[1], path
    assert await rows(api) == before


async def test_another_organisations_cluster_in_a_filter_matches_nothing(api: Api) -> None:
    theirs = await filled(api)
    stranger = await api.new_key(maker=await another_organisation(api))
    for name, path in LISTS.items():
        if name in ("issues", "resources"):
            assert (await api.get(f"/v1/{path}?cluster={theirs['cluster']}", key=stranger)).json()["total"] == 0
    refused = await api("POST", "/v1/api-keys", key=stranger, json={"name": "k", "clusters": [theirs["cluster"]]})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_cluster")


def in_query(key: str) -> str:
    return f"/v1/me?api_key={key}"


def in_path(key: str) -> str:
    return f"/v1/clusters/{key}"


def escaped(key: str) -> str:
    return "/v1/me?k=" + "".join(f"%{ord(letter):02x}" for letter in key)


def as_ticket(key: str) -> str:
    return f"/api/events?ticket={key}"


@pytest.mark.parametrize("put", [in_query, in_path, escaped, as_ticket])
@pytest.mark.parametrize("with_header", [True, False])
async def test_a_key_never_opens_from_an_address(api: Api, put: Callable[[str], str], with_header: bool) -> None:
    answer = await api.get(put(api.key), key="" if with_header else None)
    assert (answer.status_code, answer.json()["code"]) == (400, "key_in_url")
    assert api.key not in answer.text


async def test_a_plan_is_used_up_and_waiting_as_told_is_enough(store, clock) -> None:  # type: ignore[no-untyped-def]
    async with running(store, clock, plan="free") as api:
        began = api.clock.now().timestamp()
        asked = ["/v1/me", "/v1/nothing", "/v1/issues?page=0", "/v1/clusters/cls_1"]
        answers = []
        for number in range(60):
            answers.append(await api.get(asked[number % 4]))
            api.clock.advance(0.25)
        assert [answer.status_code for answer in answers] == [200, 404, 400, 404] * 15
        assert [int(answer.headers["x-ratelimit-remaining"]) for answer in answers] == list(range(59, -1, -1))
        assert {answer.headers["x-ratelimit-reset"] for answer in answers} == {str(int(began) + 60)}
        other_key = await api.new_key()
        for key in ("", other_key):
            refused = await api.get("/v1/me", key=key)
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            limits = [refused.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")]
            assert limits == ["60", "0", str(int(began) + 60)]
        wait_s = int(refused.headers["retry-after"])
        assert wait_s == 45
        api.clock.advance(wait_s - 1)
        assert (await api.get("/v1/me")).headers["retry-after"] == "1"
        api.clock.advance(1)
        again = await api.get("/v1/me")
        assert (again.status_code, again.headers["x-ratelimit-remaining"]) == (200, "59")


async def test_failures_use_up_their_own_bucket(api: Api) -> None:
    answers = [await api.get("/v1/me", key=None) for _ in range(30)]
    assert [answer.status_code for answer in answers] == [401] * 30
    assert [int(answer.headers["x-ratelimit-remaining"]) for answer in answers] == list(range(29, -1, -1))
    refused = await api.get("/v1/me", key=with_checksum("0" * 40))
    assert (refused.status_code, refused.headers["x-ratelimit-limit"], refused.headers["retry-after"]) == (429, "30", "60")
    assert (await api.get("/v1/me")).status_code == 200
    api.clock.advance(60)
    assert (await api.get("/v1/me", key=None)).status_code == 401
