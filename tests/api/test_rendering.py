"""Where answers are rendered: one that grows with the cluster holds up nobody else's request."""

import threading

import pytest

from optral.api.http import routing
from tests.api.conftest import Api
from tests.api.seeds import one_of_each

GROWING = ("/v1/resources/counts", "/v1/resources/{resource_id}", "/v1/resources/{resource_id}/tree", "/v1/resources/{resource_id}/history")


@pytest.mark.parametrize("path", GROWING)
async def test_an_answer_that_grows_with_the_cluster_is_encoded_off_the_event_loop(
    path: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest of one object alone may have a megabyte, which takes 0.2 s to write as YAML."""
    address = path.format_map(await one_of_each(api, "prod"))
    encode = routing.as_json
    threads: list[str] = []

    def noting(value: object) -> bytes:
        threads.append(threading.current_thread().name)
        return encode(value)

    monkeypatch.setattr(routing, "as_json", noting)
    answer = await api.get(address)
    assert answer.status_code == 200
    assert [name for name in threads if name == threading.main_thread().name] == []
    assert threads, "the answer was encoded elsewhere"
