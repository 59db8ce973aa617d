"""Two servers on one PostgreSQL: how long it takes until one sees what the other did. An agent holds its tunnel to the first."""

import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.soak.misbehaving import demo_cluster
from tests.support.platform import Platform, Stream, running, until

EVENT_P50_S = 0.1
COMMAND_P50_S = 1.0
PAUSE_S = 0.3  # between two rounds, so that they are apart from each other and from polls


@dataclass(frozen=True)
class Delays:
    """Seconds, sorted: from a change to its event, on the server that made it and on the other, and how much later the other is; and of
    reading a log through either."""

    own_event: Sequence[float]
    other_event: Sequence[float]
    other_behind: Sequence[float]
    own_command: Sequence[float]
    other_command: Sequence[float]


@contextmanager
def pair(folder: Path, url: str) -> Iterator[tuple[Platform, Platform]]:
    """Two servers of one organization, which share the database and the secrets."""
    with running(folder / "one", database_url=url) as one:
        two = Platform(folder / "two", url)
        join(two, one)
        try:
            two.start_server()
            yield one, two
        finally:
            two.stop()


def join(two: Platform, one: Platform) -> None:
    """Make a server, before its first start, another one of the organization of `one`."""
    two.key = one.key
    (two.folder / "data").mkdir(mode=0o700)
    for name in ("pepper", "key-encryption-key"):
        shutil.copy(one.folder / "data" / name, two.folder / "data" / name)


def delays(folder: Path, url: str, *, rounds: int) -> Delays:
    folder.mkdir(parents=True, exist_ok=True)
    with demo_cluster(folder) as kubeconfig, pair(folder, url) as (one, two):
        cluster_id = str(one.create_cluster("soak")["id"])
        one.start_agent(cluster_id, kubeconfig)
        until(lambda: two.call("GET", "/v1/issues")["total"] > 0, within_s=60, every_s=0.5, what="an issue")
        issue = two.call("GET", "/v1/issues?sort=detectedAt")["issues"][0]["id"]
        streams = (one.follow(), two.follow())
        events = [_event(one, issue, streams, number) for number in range(rounds)]
        own, other = ([_read_log(server) for _ in range(max(3, rounds // 3))] for server in (one, two))
    columns = [first for first, _ in events], [second for _, second in events], [second - first for first, second in events]
    return Delays(*(sorted(found) for found in (*columns, own, other)))


def p(sample: Sequence[float], share: float) -> float:
    return sample[min(len(sample) - 1, int(share * len(sample)))]


def p50(sample: Sequence[float]) -> float:
    return statistics.median(sample)


def _running_pod(platform: Platform) -> str:
    pods = platform.call("GET", "/v1/resources?kind=Pod&pageSize=100")["resources"]
    return next((str(one["id"]) for one in pods if one.get("status") == "Running"), "") or (str(pods[0]["id"]) if pods else "")


def _event(one: Platform, issue: str, streams: tuple[Stream, Stream], number: int) -> tuple[float, float]:
    """Seconds from the request until each server's stream has the change."""
    time.sleep(PAUSE_S)
    places = [len(stream.frames) for stream in streams]
    label = {"labels": {"round": f"n{number}"}}
    began = time.time()
    one.call("PATCH", f"/v1/issues/{issue}", json=label)

    def is_it(frame: Any) -> bool:
        return frame.event == "issue.updated" and frame.data.get("id") == issue

    first, second = (stream.wait_for(is_it, within_s=20, since=place) for stream, place in zip(streams, places, strict=True))
    return first.at - began, second.at - began


def _read_log(platform: Platform) -> float:
    time.sleep(PAUSE_S)
    pod = until(lambda: _running_pod(platform), within_s=60, every_s=0.5, what="a running pod")  # the demo replaces its pods
    began = time.monotonic()
    platform.call("GET", f"/v1/resources/{pod}/logs?tailLines=5")
    return time.monotonic() - began
