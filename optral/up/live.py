"""Shows issues on the screen while everything runs; with `--once`, waits until there are enough results and prints a summary."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from optral.client.client import Client
from optral.client.errors import ClientError
from optral.client.models import Cluster, Issue
from optral.client.stream import Event, follow_async
from optral.up.screen import Screen
from optral.up.stack import Stack

PATIENCE_S = 180.0
ANALYSIS_WAIT_S = 20
_POLL_S = 0.5
_SETTLE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The current state from the API. `is_connected`: the agent of this start has reported; `since_s`: seconds without new issues."""

    issues: list[Issue]
    cluster: Cluster
    is_connected: bool
    since_s: float


IsEnough = Callable[[State], bool]


async def show(stack: Stack, screen: Screen) -> None:
    """Print the open issues, then every change, until canceled."""
    listed = (await asyncio.to_thread(stack.client.issues.list, status="open", page_size=100, sort="detectedAt")).value
    for issue in listed.issues:
        screen.issue(issue)
    if listed.total > len(listed.issues):
        screen.say(f"the first {len(listed.issues)} of {listed.total} issues; `optral issues list` shows all")
    async with asyncio.TaskGroup() as group:
        group.create_task(_settle(screen))
        async for event in follow_async(stack.api_url, stack.api_key):
            screen.event(event, issue_of(event))


async def _settle(screen: Screen) -> None:
    while True:
        await asyncio.sleep(_SETTLE_S)
        screen.settle()


def issue_of(event: Event) -> Issue | None:
    """The issue in the event's data; None for other events."""
    if not event.type.startswith("issue.") or not isinstance(event.data, dict):
        return None
    try:
        return msgspec.convert(event.data, type=Issue)
    except msgspec.ValidationError:
        return None


async def until_stopped(stack: Stack, screen: Screen) -> int:
    """Run until Ctrl-C. Raises `AgentEnded` if the agent process exits."""
    async with asyncio.TaskGroup() as group:
        group.create_task(show(stack, screen))
        group.create_task(stack.agent.watch())
    return 0


async def once(stack: Stack, screen: Screen, *, is_enough: IsEnough, began: float) -> int:
    """Wait until `is_enough` and print the summary on stdout. Returns 0, or 1 after `PATIENCE_S` since `began`."""
    following = asyncio.create_task(show(stack, screen))
    watching = asyncio.create_task(stack.agent.watch())
    waiting = asyncio.create_task(_until(stack.client, stack.cluster_id, is_enough))
    try:
        left_s = max(1.0, PATIENCE_S - (time.monotonic() - began))
        await asyncio.wait({watching, waiting}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
        is_done = waiting.done() and waiting.result()
    finally:
        for task in (following, watching, waiting):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
    await asyncio.to_thread(_print_summary, stack, began)
    if not is_done:
        screen.say(f"not enough issues within {PATIENCE_S:.0f} s")
    return 0 if is_done else 1


async def _until(client: Client, cluster_id: str, is_enough: IsEnough) -> bool:
    started = datetime.now(UTC)
    before: set[str] = set()
    changed_at = time.monotonic()
    while True:
        try:
            issues = (await asyncio.to_thread(client.issues.list, status="open", page_size=100)).value.issues
            cluster = (await asyncio.to_thread(client.clusters.get, cluster_id)).value
        except ClientError as error:
            if error.status not in (0, 429, 503):  # temporary
                raise
        else:
            now = {issue.id for issue in issues}
            if now != before:
                before, changed_at = now, time.monotonic()
            is_connected = cluster.status == "online" and _reported_since(cluster, started)
            if is_enough(State(issues=issues, cluster=cluster, is_connected=is_connected, since_s=time.monotonic() - changed_at)):
                return True
        await asyncio.sleep(_POLL_S)


def _reported_since(cluster: Cluster, moment: datetime) -> bool:
    return cluster.last_heartbeat_at is not None and datetime.fromisoformat(cluster.last_heartbeat_at) >= moment


def _print_summary(stack: Stack, began: float) -> None:
    issues = msgspec.json.decode(stack.client.issues.list(status="open", page_size=100).raw)["issues"]
    explained = [_explained(stack.client, issue) for issue in issues]
    clusters = msgspec.json.decode(stack.client.clusters.list().raw)["clusters"]
    seconds = round(time.monotonic() - began, 1)
    summary = {"issues": explained, "clusters": clusters, "apiUrl": stack.api_url, "seconds": seconds}
    sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
    sys.stdout.flush()


def _explained(client: Client, issue: dict[str, Any]) -> dict[str, Any]:
    """The issue with its analysis, which is requested if there is none; without one if the request fails."""
    try:
        client.issues.analyze(issue["id"], wait_s=ANALYSIS_WAIT_S)
        detail = msgspec.json.decode(client.issues.get(issue["id"]).raw)
    except ClientError:
        return issue
    return {**issue, "hasAnalysis": detail["hasAnalysis"], "analysis": detail.get("analysis")}
