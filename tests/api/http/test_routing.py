"""What an endpoint remembers of queries: only good ones, boundedly, and nothing of who asked."""

import pytest
from starlette.datastructures import QueryParams

from optral.api.http import routing
from optral.api.http.routing import ArgumentCache
from tests.api.conftest import Api, another_organisation
from tests.api.seeds import finding, observe


def test_is_bounded() -> None:
    kept = ArgumentCache()
    for number in range(routing.MAX_CACHED + 10):
        kept.keep(b"q=%d" % number, QueryParams(), {"q": number})
    kept.keep(b"q=" + b"a" * routing.MAX_CACHED_BYTES, QueryParams(), {})
    assert (len(kept), b"q=9" in kept, b"q=10" in kept) == (routing.MAX_CACHED, False, True)


@pytest.mark.parametrize(
    "path", ["/v1/issues?status=open,resolved&pageSize=1", "/v1/resources?cluster=mine", "/v1/clusters?q=mi", "/v1/events?sort=id"]
)
async def test_the_same_question_gets_the_present_answer_of_whoever_asks(api: Api, path: str) -> None:
    stranger = await api.new_key(maker=await another_organisation(api))
    assert (await api.get(path)).json()["total"] == (await api.get(path)).json()["total"] == 0
    cluster_id = await api.new_cluster("mine")
    for name in ("a", "b"):
        await observe(api, cluster_id, finding(name, api=api))
    first = (await api.get(path)).json()
    assert first == (await api.get(path)).json()
    assert first["total"] == {"issues": 2, "resources": 0, "clusters": 1, "events": 3}[path.split("?")[0].rpartition("/")[2]]
    if "nextCursor" in first:
        assert (await api.get(f"{path}&cursor={first['nextCursor']}")).json()["issues"][0]["id"] != first["issues"][0]["id"]
    assert (await api.get(path, key=stranger)).json()["total"] == 0


async def test_a_bad_question_stays_bad(api: Api) -> None:
    for _ in range(2):
        assert (await api.get("/v1/issues?page=0")).json()["code"] == "bad_parameter"
        assert (await api.get("/v1/issues?nonsense=1")).json()["code"] == "unknown_parameter"
