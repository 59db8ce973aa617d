"""What the agent sends to Prometheus, and what it accepts from it."""

from pathlib import Path

import pytest

from optral.agent.prometheus import client
from optral.agent.prometheus.client import QUERIES_A_MINUTE, TENANT, Settings, TooMany, Unreachable
from optral.terms.errors import Misconfigured
from tests.agent.prometheus.server import Prometheus


async def test_sends_the_token_of_the_file_and_the_tenant(prometheus: Prometheus, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    one = client.Prometheus(Settings(prometheus.url, token, tenant="shop"))
    await one.query("up")
    token.write_text("second\n")
    await one.query("up")
    await one.close()
    assert [headers["Authorization"] for headers in prometheus.headers] == ["Bearer first", "Bearer second"]
    assert prometheus.headers[0][TENANT] == "shop"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, None, "refuses this agent (401); check the token of --prometheus-token-file"),
        (422, None, "refuses a query (422): too many samples"),
        (200, b"<html>Sign in</html>", "answers with status 200 and no result; check --prometheus-url"),
        (200, b'{"status":"success","data":{"result":[{"metric":{"pod":7}}]}}', "no result"),
        (200, b" " * (client.MAX_BYTES + 1), "the answer is larger than 8 MiB"),
    ],
)
async def test_says_what_is_wrong_with_an_answer(prometheus: Prometheus, status: int, body: bytes | None, said: str) -> None:
    prometheus.status, prometheus.body = status, body
    one = client.Prometheus(Settings(prometheus.url))
    with pytest.raises(Unreachable) as error:
        await one.query("up")
    await one.close()
    assert said in str(error.value)


async def test_does_not_follow_a_redirect(prometheus: Prometheus) -> None:
    one = client.Prometheus(Settings(prometheus.url + "/moved"))
    with pytest.raises(Unreachable):
        await one.query("up")
    await one.close()
    assert prometheus.asked == []


async def test_values_that_are_no_numbers_are_left_out(prometheus: Prometheus) -> None:
    result = '{"metric":{"a":"1"},"value":[1,"NaN"]},{"metric":{"a":"2"},"values":[[1,"+Inf"],[2,"3.5"]]}'
    prometheus.body = f'{{"status":"success","data":{{"result":[{result}]}}}}'.encode()
    one = client.Prometheus(Settings(prometheus.url))
    assert [(series.labels, series.points) for series in await one.query("up")] == [({"a": "2"}, ((2.0, 3.5),))]
    await one.close()


async def test_a_minute_has_so_many_queries(prometheus: Prometheus) -> None:
    now = 0.0
    one = client.Prometheus(Settings(prometheus.url), monotonic=lambda: now)
    for _ in range(QUERIES_A_MINUTE):
        await one.query("up{}")
    with pytest.raises(TooMany):
        await one.query("up{}")
    assert len(prometheus.asked) == QUERIES_A_MINUTE
    now = 60.0
    await one.query("up{}")
    await one.close()


async def test_a_prometheus_that_is_away_is_said() -> None:
    one = client.Prometheus(Settings("http://127.0.0.1:1"))
    with pytest.raises(Unreachable, match="connect"):
        await one.query("up")
    await one.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings("prometheus:9090"), "must look like http://"),
        (Settings("http://"), "must look like http://"),
        (Settings("http://[::1"), "is not a URL"),
        (Settings("http://a:secret@prometheus:9090"), "must not contain a password"),
        (Settings("http://prometheus:9090/?a=b"), "must look like http://"),
        (Settings("http://prometheus:9090", Path("/nowhere/token")), "/nowhere/token of the Prometheus settings does not exist"),
    ],
)
def test_settings_that_can_never_work_are_refused_at_the_start(settings: Settings, said: str) -> None:
    with pytest.raises(Misconfigured) as error:
        client.Prometheus(settings)
    assert said in error.value.say
    assert "secret" not in error.value.say
