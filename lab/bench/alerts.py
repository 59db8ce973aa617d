"""Measures alerts: how long until one is joined to its issue, and whether a flood keeps the server from answering.

`python -m lab.bench.alerts` starts the HTTP edge over SQLite on loopback with one broken workload, posts single alerts, then 10,000 alerts
of one incident, and asks /livez all the while. Client and server share one process, so the times are upper bounds.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from optral.server import schema
from optral.store import migrations
from optral.store.sqlite import SqliteStore, write_engine
from tests.api.conftest import Api, running
from tests.api.seeds import finding, objects, observe
from tests.support.clock import FakeClock

SINGLE = 100
FLOOD = 10_000
IN_ONE = 50
AT_ONCE = 4
LIVEZ_EVERY_S = 0.05


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Sender:
    """Posts alerts to a receiver of an Alertmanager."""

    def __init__(self, api: Api, receiver: dict[str, Any]) -> None:
        self._api, self._receiver, self._number = api, receiver, 0

    async def send(self, count: int) -> None:
        """Post a request with so many alerts about the broken workload, none of which was sent before."""
        alerts = []
        for _ in range(count):
            self._number += 1
            labels = {"alertname": f"Broken{self._number % 20}", "namespace": "shop", "deployment": "web", "path": f"/{self._number}"}
            alerts.append({"status": "firing", "labels": labels, "startsAt": self._api.clock.now().isoformat()})
        headers = {"Authorization": f"Bearer {self._receiver['secret']}"}
        answer = await self._api("POST", self._receiver["path"], key=None, json={"version": "4", "alerts": alerts}, headers=headers)
        assert answer.status_code == 202, answer.text


async def livez(api: Api, times: list[float]) -> None:
    while True:
        began = time.monotonic()
        assert (await api.get("/livez", key=None)).status_code == 200
        times.append(time.monotonic() - began)
        await asyncio.sleep(LIVEZ_EVERY_S)


async def measure(store: SqliteStore, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        cluster = await api.new_cluster("prod")
        await observe(api, cluster, finding("web", api=api))
        await objects(api, cluster, "web", kind="Deployment.apps")
        made = await api("POST", "/v1/alert-receivers", json={"name": "bench", "clusterRule": {"cluster": "prod"}})
        sender = Sender(api, made.json())
        single = []
        for _ in range(SINGLE):
            began = time.monotonic()
            await sender.send(1)
            single.append(time.monotonic() - began)
        times: list[float] = []
        watching, began = asyncio.create_task(livez(api, times)), time.monotonic()
        room = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with room:
                await sender.send(IN_ONE)

        await asyncio.gather(*(one() for _ in range((FLOOD - SINGLE) // IN_ONE)))
        took_s = time.monotonic() - began
        watching.cancel()
        joined = (await api.get("/v1/alerts?outcome=joined")).json()["total"]
        issues = (await api.get("/v1/issues")).json()["total"]
        print(f"alert to joined issue: p50 {percentile(single, 0.5) * 1000:.0f} ms, p95 {percentile(single, 0.95) * 1000:.0f} ms")
        print(f"{FLOOD - SINGLE} alerts in {took_s:.1f} s; /livez p99 {percentile(times, 0.99) * 1000:.0f} ms of {len(times)}")
        print(f"{joined} joined, {issues} issue")


async def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "bench.db"
        engine = write_engine(path)
        migrations.bring_up_to_date(engine, create_all=schema.create_all)
        engine.dispose()
        clock = FakeClock(datetime.now(UTC))
        store = SqliteStore.open(path, clock)
        try:
            await measure(store, clock)
        finally:
            await store.close()


if __name__ == "__main__":
    asyncio.run(main())
