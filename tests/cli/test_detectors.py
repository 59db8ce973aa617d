"""Detectors from the command line, against the real API."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import typer

from optral.cli import detectors
from optral.cli.base import spans
from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.api.issues.test_detectors import CRASHING, NOON, SECRET
from tests.cli.test_commands import optral
from tests.support.clock import FakeClock


async def run(api: Api, *words: str, code: int = 0, form: str = "json") -> Any:
    done = await asyncio.to_thread(optral, *words, "-o", form, url=api.url, key=api.key)
    assert done.returncode == code, done.stderr + done.stdout
    return json.loads(done.stdout) if done.stdout and form == "json" else done.stdout + done.stderr


async def test_types_are_listed_shown_and_tuned(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        await api.new_cluster("production")
        assert (await run(api, "detectors", "list", "--search", "OOM"))["total"] == 1
        assert "OOMKilled" in await run(api, "detectors", "list", form="table")
        off = await run(api, "detectors", "disable", "OOMKilled", "-c", "production", "-n", "dev")
        assert off["enabled"] is False
        assert (await run(api, "detectors", "enable", "OOMKilled", "-c", "production", "-n", "dev"))["enabled"] is True
        tuned = await run(api, "detectors", "tune", "OOMKilled", "--open-after", "10m", "--severity", "low")
        assert tuned["effective"] == {"openAfterSeconds": 600, "severity": "low"}
        assert (await run(api, "detectors", "tune", "OOMKilled", "--reset"))["effective"] == {}
        await run(api, "detectors", "tune", "OOMKilled", code=2)
        moved = await run(
            api, "detectors", "tune", "FrequentRestarts", "--set", "restartsPerDay=8", "--set", "longRunSeconds=30m", "--severity", "low"
        )
        assert moved["tunings"][0]["thresholds"] == {"restartsPerDay": 8, "longRunSeconds": 1800}
        back = await run(api, "detectors", "tune", "FrequentRestarts", "--set", "longRunSeconds=default")
        assert back["tunings"][0]["thresholds"] == {"restartsPerDay": 8}
        shown = await run(api, "detectors", "show", "FrequentRestarts", form="table")
        assert "restartsPerDay=8 (default 5; 3 to 1000 restarts), longRunSeconds=600 (default 600;" in " ".join(shown.split())
        after_reset = await run(api, "detectors", "tune", "FrequentRestarts", "--reset", "--set", "restartsPerHour=4")
        assert [(one.get("severity"), one["thresholds"]) for one in after_reset["tunings"]] == [(None, {"restartsPerHour": 4})]
        assert (await run(api, "detectors", "tune", "FrequentRestarts", "--reset"))["tunings"] == []
        refused = await run(api, "detectors", "tune", "FrequentRestarts", "--set", "restartsPerDay=1", code=1, form="table")
        assert "3 to 1000 restarts" in refused
        down = await run(api, "detectors", "shift", "down", "-c", "production")
        assert [one["severityShift"] for one in down["severityShifts"]] == [-1]
        assert "payments" in await run(api, "detectors", "shift", "up", "-n", "payments", form="table")
        for place in (("-c", "production"), ("-n", "payments")):
            await run(api, "detectors", "shift", "reset", *place, form="table")
        assert (await run(api, "detectors", "shift", "none"))["severityShifts"][0]["severityShift"] == 0
        assert (await run(api, "detectors", "shift", "reset"))["severityShifts"] == []
        assert (await run(api, "detectors", "risks", "--on"))["riskChecks"] is True
        assert (await run(api, "detectors", "show", "ImageTagLatest"))["enabled"] is True


async def test_a_file_is_tried(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    file = tmp_path / "pod.yaml"
    file.write_text("---\n" + json.dumps(CRASHING) + "\n---\n" + json.dumps(SECRET))
    async with running(store, clock) as api:
        told = await run(api, "detectors", "test", str(file), "--at", NOON, code=1)
        assert [one["type"] for one in told["findings"]] == ["CrashLoopBackOff"]
        shown = await run(api, "detectors", "test", str(file), "--at", NOON, "--why", code=1, form="table")
        assert "CrashLoopBackOff" in shown
        long = [CRASHING | {"metadata": CRASHING["metadata"] | {"name": f"api-{n}", "uid": f"u{n}"}} for n in range(150)]  # type: ignore[operator]
        file.write_text("\n---\n".join(json.dumps(one) for one in [*long, SECRET]))
        told = await run(api, "detectors", "test", str(file), "--at", NOON, code=1)
        assert (told["objects"], told["secretsDropped"]) == (150, 0)
        await run(api, "detectors", "test", str(tmp_path / "none.yaml"), code=2)


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86400)])
def test_spans_of_time(text: str, expected: int) -> None:
    assert spans.seconds(text, is_plain=True) == expected
    with pytest.raises(typer.BadParameter):
        spans.seconds(text + "x", is_plain=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a=5", ("a", 5)), ("a = 0.8", ("a", 0.8)), ("a=1814400", ("a", 1814400)), ("a=30d", ("a", 30 * 86400)), ("a=default", ("a", None))],
)
def test_thresholds_as_they_are_written(text: str, expected: tuple[str, float | None]) -> None:
    assert detectors.threshold(text) == expected


@pytest.mark.parametrize("text", ["a", "a=", "=5", "a=much", "a=-1", "a=1.d"])
def test_what_sets_no_threshold(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        detectors.threshold(text)
