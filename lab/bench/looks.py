"""What judging costs: one look at a whole cluster, and the detectors on a stream of changes."""

import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from lab.bench.rows import Options, Row, bytecode, median, stub_cluster
from optral import detectors
from optral.kube import objects
from optral.kube.changes import ObjectChange, Op
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from tests.support import broken
from tests.support.platform import BIN
from tests.support.pods import BEGIN, fleet

BATCH = 32  # changes in a frame of the tunnel
CHANGES = 50_000


class Cost(NamedTuple):
    """What a process used."""

    cpu_s: float
    memory_mib: float
    out: bytes


def scan(options: Options) -> Iterator[Row]:
    """`optral scan` of ten thousand pods, fifty of them broken in ten workloads: a dump, then a cluster."""
    workloads = options.pods // broken.EACH
    with bytecode(), tempfile.TemporaryDirectory(prefix="optral-bench-") as folder:
        dump = Path(folder) / "cluster.json"
        # A process of its own: a child's highest memory begins with that of the process that started it.
        subprocess.run(
            [sys.executable, "-m", "tests.support.broken", dump, "--workloads", str(workloads)], check=True, stdout=subprocess.DEVNULL
        )
        base = median(lambda: _decoding(dump), options.runs)
        yield from _scans(options, "of a dump", ["--from", str(dump)], base)
    with bytecode(), stub_cluster(options.pods, each=broken.EACH, more=["--broken"]) as (_, known):
        yield from _scans(options, "of a cluster", ["--kubeconfig", known["kubeconfig"]], base)


def _scans(options: Options, what: str, where: list[str], base: float) -> Iterator[Row]:
    _run(str(BIN / "optral"), "scan", *where, "-o", "json")  # compiles what is not yet
    runs = [_run(str(BIN / "optral"), "scan", *where, "-o", "json") for _ in range(options.runs)]
    cpu, memory = statistics.median(run.cpu_s for run in runs), max(run.memory_mib for run in runs)
    found = msgspec.json.decode(runs[0].out)
    pods = sum(issue["affectedTotal"] for issue in found["issues"])
    floor = f"decoding the same JSON {base:.1f} s"
    yield Row(f"scan {what}, {options.pods:,} pods, CPU", cpu, "s", "<= 1.5", cpu <= 1.5, floor, cpu / base)
    yield Row(f"  memory, scan {what}, highest", memory, "MiB", "<= 150", memory <= 150)
    yield Row(f"  issues for 10 broken workloads, {what}", found["total"], "", "10", found["total"] == len(broken.FAILURES))
    wanted = broken.BROKEN * len(broken.FAILURES)
    yield Row(f"  broken pods found, {what}", pods, "", str(wanted), pods == wanted)


def _decoding(dump: Path) -> float:
    """The same JSON as Python values, nothing else; its CPU without that of starting Python."""
    whole = _run(sys.executable, "-c", f"import msgspec, pathlib; msgspec.json.decode(pathlib.Path({str(dump)!r}).read_bytes())")
    return whole.cpu_s - _run(sys.executable, "-c", "import msgspec, pathlib").cpu_s


_LAUNCHER = """
import json, os, sys
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]), file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Starts the program from a small process: the memory of a child counts that of the process it was forked from."""


def _run(*words: str) -> Cost:
    done = subprocess.run([sys.executable, "-ISc", _LAUNCHER, *words], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:3])} ended with {done.returncode}")
    cpu_s, memory_mib = msgspec.json.decode(done.stderr.splitlines()[-1], type=tuple[float, float])
    return Cost(cpu_s, memory_mib, done.stdout)


def judging(options: Options) -> Iterator[Row]:
    """Detectors on ten thousand pods that change at random, one in a hundred of them failing; as ingest calls them, frame by frame."""
    runs = [_judging(options.pods) for _ in range(options.runs)]
    judged, decoded, plain = (statistics.median(run[at] for run in runs) for at in range(3))
    yield Row(
        f"detectors, changes of {options.pods:,} pods",
        1e6 / judged,
        "/s",
        "-",
        None,
        f"decoding the same JSON {1e6 / decoded:,.0f}/s",
        decoded / judged,
    )
    yield Row("  CPU a change", judged, "us", "<= decoding", judged <= plain, f"decoding, untyped {plain:.0f} us", judged / plain)


def _judging(pods: int) -> tuple[float, float, float]:
    """CPU in us a change: overlay, judgment and absorbing; decoding into typed objects; decoding into plain values."""
    every, now = fleet(workloads=pods // broken.EACH), datetime.fromtimestamp(BEGIN, UTC)
    view = ClusterView()
    view.load(("Pod", objects.decode("Pod", pod.at(1))) for pod in every)
    judge_s = typed_s = plain_s = 0.0
    done, version = 0, 1
    gc.collect()
    while done < CHANGES:
        frame = [every[(done + number) % len(every)] for number in range(BATCH)]
        version += 1
        raws = [pod.at(version) for pod in frame]
        things, took = timed(lambda raws=raws: [objects.decode("Pod", raw) for raw in raws])
        typed_s += took
        plain_s += timed(lambda raws=raws: [msgspec.json.decode(raw) for raw in raws])[1]
        judge_s += timed(lambda things=things, raws=raws: _frame(view, things, raws, now))[1]
        done += BATCH
    return tuple(total / done * 1e6 for total in (judge_s, typed_s, plain_s))  # type: ignore[return-value]


def _frame(view: ClusterView, things: list[Any], raws: list[bytes], now: datetime) -> None:
    changes = [
        (ObjectChange(Op.UPSERT, "Pod", obj.uid, obj.namespace, obj.name, obj.resource_version, raw), obj)
        for obj, raw in zip(things, raws, strict=True)
    ]
    overlay = view.with_changes(changes)
    detectors.examine(overlay, [ObjectRef("Pod", obj.namespace, obj.name, obj.uid) for obj in things], now=now)
    view.absorb(overlay, now=now)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Its answer, and the CPU seconds it took."""
    began = time.process_time()
    answer = work()
    return answer, time.process_time() - began


ROWS: dict[str, Callable[[Options], Iterator[Row]]] = {"scan": scan, "detectors": judging}
