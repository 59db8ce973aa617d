"""The script of the demo: what happens when, from half an hour before the start until it is stopped.

The half hour before is simulated at once, so that the cluster has a history: a stuck rollout, a failed Job, finished runs. By second 20
there are seventeen faults of fifteen types and a risk, and none of them heals before second 180; later faults begin, heal and return.
Nothing runs faster than in a real cluster: detectors wait as long as anywhere.
"""

import asyncio
import heapq
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from optral.demo import background, faults
from optral.demo.rollouts import ShouldEnd, Steps
from optral.demo.world import World
from optral.kit.clock import Clock

PAST_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the script. `at_s` counts from the start; heals after `lasts_s` (by default never), returns `again_s` after that."""

    at_s: float
    play: Callable[[World, ShouldEnd], Steps]
    lasts_s: float = math.inf
    again_s: float = math.inf


SCRIPT: tuple[Act, ...] = (
    *(Act(at_s=-PAST_S, play=play) for play in (background.releases, background.load, background.heartbeats, *background.CRON_PLAYS)),
    # found on arrival
    Act(at_s=-1600, play=faults.volume_released("reports", "archive-2024", size="200Gi")),
    Act(at_s=-1600, play=faults.certificate_not_renewed("shop", "accounts-tls", host="accounts.example.com")),
    Act(at_s=-1550, play=faults.claim_not_deleted("search", "reindex-scratch", size="40Gi")),
    Act(at_s=-1500, play=faults.readiness_fails("payments", "fraud-check")),
    Act(at_s=-1250, play=faults.job_fails("reports", "monthly-close", attempts=3)),
    Act(at_s=-840, play=faults.replica_without_storage("search", "search-index"), lasts_s=840 + 700, again_s=900),
    Act(at_s=-150, play=faults.crash_loop("shop", "recommendations", missing="MODEL_BUCKET"), lasts_s=150 + 520, again_s=600),
    Act(at_s=-70, play=faults.liveness_kills("shop", "checkout"), lasts_s=70 + 600, again_s=900),
    # live
    Act(at_s=4, play=faults.out_of_memory("shop", "catalog"), lasts_s=420, again_s=900),
    Act(at_s=5, play=faults.image_not_found("payments", "ledger", tag="4.5.0-hotfix"), lasts_s=300, again_s=700),
    Act(at_s=6, play=faults.missing_config_key("shop", "cart", key="features.json"), lasts_s=360, again_s=800),
    Act(at_s=7, play=faults.cannot_execute("search", "query-parser", path="/app/bin/parser"), lasts_s=480, again_s=900),
    Act(at_s=8, play=faults.cpu_insufficient("search", "ranking", cpu="24"), lasts_s=540, again_s=900),
    Act(at_s=9, play=faults.secret_not_mounted("reports", "exporter", secret="exporter-tls"), lasts_s=400, again_s=1000),  # noqa: S106
    Act(at_s=10, play=faults.over_quota("reports", "renderer", replicas=5, cpu="1"), lasts_s=450, again_s=900),
    Act(at_s=11, play=faults.selector_matches_nothing("shop", "reviews", selector="review"), lasts_s=330, again_s=700),
    Act(at_s=12, play=faults.node_silent("worker-6"), lasts_s=240, again_s=1800),
    Act(at_s=13, play=faults.claim_pending("reports", "archive-2026", storage_class="archvie", size="200Gi"), lasts_s=600, again_s=900),
    # come, heal and return
    Act(at_s=75, play=faults.job_fails("payments", "settlement-backfill", attempts=2), lasts_s=900, again_s=900),
    Act(at_s=200, play=faults.crash_loop("payments", "webhooks", missing="SIGNING_KEY_FILE"), lasts_s=180, again_s=900),
    Act(at_s=260, play=faults.selector_matches_nothing("shop", "inventory", selector="stock"), lasts_s=90, again_s=300),
    Act(at_s=320, play=faults.image_not_found("staging", "catalog", tag="3.5.0-rc.9"), lasts_s=120, again_s=400),
)


class Scenario:
    """Runs a script in a world. Deterministic: the same seed, script and start give the same objects at the same times."""

    def __init__(self, world: World, script: Sequence[Act] = SCRIPT, *, start: datetime) -> None:
        self._world, self._start = world, start
        self._turn = count()
        self._due: list[tuple[float, int, Steps]] = []
        self._now_s = -PAST_S
        self._woken = asyncio.Event()
        for act in script:
            heapq.heappush(self._due, (act.at_s, next(self._turn), self._perform(act)))

    @property
    def next_s(self) -> float:
        """When something happens next, in seconds from the start."""
        return self._due[0][0] if self._due else math.inf

    def start(self, play: Steps) -> None:
        """Start steps that are not in the script, now."""
        heapq.heappush(self._due, (self._now_s, next(self._turn), play))
        self._woken.set()

    def advance(self, to_s: float) -> None:
        """Run everything that is due until `to_s` seconds from the start, each step at its own time."""
        while self.next_s <= to_s:
            self._now_s, _, play = heapq.heappop(self._due)
            self._world.now = self._start + timedelta(seconds=self._now_s)
            pause_s = next(play, None)
            if pause_s is not None:
                heapq.heappush(self._due, (self._now_s + pause_s, next(self._turn), play))
            if self.next_s > self._now_s:
                self._world.settle()

    async def run(self, clock: Clock) -> None:
        """Continue in real time until canceled."""
        began = clock.monotonic() - max(0.0, self._now_s)
        while self._due:
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self.next_s - (clock.monotonic() - began))):
                    await self._woken.wait()
            self.advance(clock.monotonic() - began)

    def _perform(self, act: Act) -> Steps:
        at_s = act.at_s
        while True:
            heals_at_s = at_s + act.lasts_s
            yield from act.play(self._world, lambda heals_at_s=heals_at_s: self._now_s >= heals_at_s)  # type: ignore[misc]
            if act.again_s == math.inf:
                return
            at_s = max(heals_at_s + act.again_s, self._now_s)
            yield at_s - self._now_s
