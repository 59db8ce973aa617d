"""What traces cost the server when one in a hundred is recorded: with and without them, in turn."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2

from lab.bench.processes import cpu_s
from lab.bench.rows import Options, Row, open_platform, open_source
from tests.support.collector import collecting
from tests.support.platform import Platform

PAIRS = 6
CHANGES_PER_S = 2000
BLOCKS, BLOCK = 10, 200


def traces(options: Options) -> Iterator[Row]:
    with collecting() as collector:
        on = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.01",
        }
        changes = [(_change_s({}, options.seconds / 4), _change_s(on, options.seconds / 4)) for _ in range(PAIRS)]
        requests = [pair for number in range(PAIRS) for pair in _request_s(on, is_first=number % 2 == 0)]
        assert collector.spans, "nothing was traced"
    for what, pairs in (("change", changes), ("request", requests)):
        ratio = statistics.median(with_ / without for without, with_ in pairs)
        without, with_ = (statistics.median(pair[which] for pair in pairs) * 1e6 for which in (0, 1))
        yield Row(f"server CPU per {what}, 1 % traced", with_, "us", "<= 1.02x off", ratio <= 1.02, f"off {without:.0f} us", ratio)


def _change_s(variables: dict[str, str], seconds: float) -> float:
    """CPU seconds of the server per change of an object."""
    with (
        open_platform("SQLite", variables) as platform,
        open_source(platform, "--seconds", f"{seconds}", "--rate", f"{CHANGES_PER_S}") as source,
    ):
        source.next()
        assert source.next()["phase"] == "live"
        before = _used_s(platform)
        done = source.next()
        return (_used_s(platform) - before) / int(done["changes"])


def _request_s(on: dict[str, str], *, is_first: bool) -> list[tuple[float, float]]:
    """CPU seconds per request, of a server without traces and of one with them, which are asked in turn.

    Two servers without traces differ by up to 5 %, so several pairs are started.
    """
    with ExitStack() as stack:
        platforms = [stack.enter_context(open_platform("SQLite", variables)) for variables in ((on, {}) if is_first else ({}, on))]
        if is_first:
            platforms.reverse()
        clients = [
            stack.enter_context(httpx2.Client(base_url=one.url, headers={"authorization": f"Bearer {one.key}"})) for one in platforms
        ]
        return [(_block_s(platforms[0], clients[0]), _block_s(platforms[1], clients[1])) for _ in range(BLOCKS)]


def _block_s(platform: Platform, http: httpx2.Client) -> float:
    before = _used_s(platform)
    for _ in range(BLOCK):
        assert http.get("/v1/clusters").status_code == 200
    return (_used_s(platform) - before) / BLOCK


def _used_s(platform: Platform) -> float:
    assert platform.server is not None
    return cpu_s(platform.server.pid)


ROWS = {"traces": traces}
