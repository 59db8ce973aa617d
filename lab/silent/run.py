"""Apply the cases to a cluster, run Optral on it, and print what it found. See README.md."""

import argparse
import json
import os
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab.silent.cluster import Cluster, Enforcer, ready, restarts
from lab.silent.images.build import IMAGES, REGISTRY
from lab.silent.product import Product

HERE = Path(__file__).parent
Json = dict[str, Any]
POLL_S = 5
SETTLE_S = 60


@dataclass
class Run:
    """One case on its way: `began` is when its fault was complete, in seconds of the monotonic clock."""

    folder: Path
    expect: Json | None
    namespace: str = ""
    began: float = 0.0
    ready: bool = False
    failure: str = ""
    seen: dict[str, tuple[float, Json]] = field(default_factory=dict)
    result: Json = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def within(self) -> float:
        return float(self.expect["detectWithinSeconds"]) if self.expect else SETTLE_S


def chosen(only: Sequence[str], kinds: Sequence[str]) -> list[Run]:
    runs = []
    for folder in sorted(path for kind in kinds for path in (HERE / kind).iterdir()):
        if not only or folder.name in only:
            expect = folder / "expect.json"
            runs.append(Run(folder, json.loads(expect.read_text()) if expect.exists() else None))
            runs[-1].namespace = next(iter(yaml.safe_load_all((folder / "manifest.yaml").read_text())))["metadata"]["name"]
    if not runs:
        raise SystemExit(f"no case is called {', '.join(only)}")
    return runs


def apply(cluster: Cluster, run: Run) -> None:
    """Bring a case to the state that is judged; what fails on the way is said in the table."""
    try:
        cluster.apply(run.folder / "manifest.yaml")
        if not cluster.wait_ready(run.namespace):
            run.failure = "pods not ready"
        script = run.folder / "inject.sh"
        if script.exists():
            run.failure = cluster.inject(script, run.namespace) or run.failure
    except (RuntimeError, OSError, ValueError) as error:
        run.failure = str(error)[:200]
    run.began = time.monotonic()
    print(f"applied {run.name} ({run.namespace}) {run.failure}", flush=True)


def watch(product: Product, runs: Sequence[Run], ended: threading.Event) -> None:
    """Note when each issue was seen first."""
    by_namespace = {run.namespace: run for run in runs}
    while not ended.wait(POLL_S):
        try:
            issues = product.issues()
        except OSError as error:
            print(f"issues: {error}", flush=True)
            continue
        for issue in issues:
            run = by_namespace.get(issue.get("namespace") or "")
            if run:
                first = run.seen.get(issue["id"], (time.monotonic(),))[0]
                run.seen[issue["id"]] = (first, issue)


def names(issue: Json) -> set[tuple[str, str]]:
    owner = issue.get("owner") or {}
    return {(owner.get("kind", ""), owner.get("name", "")), (issue["resourceKind"], issue["resource"])}


def judge_fault(run: Run, product: Product | None) -> Json:
    """Found: an issue on an object that is right; the owner itself is better than one of the others."""
    assert run.expect
    right = (run.expect["owner"]["kind"], run.expect["owner"]["name"])
    others = {(one["kind"], one["name"]) for one in run.expect["acceptOwners"]}
    found = [(at, issue) for at, issue in run.seen.values() if names(issue) & {right, *others}]
    found.sort(key=lambda one: (one[1].get("parentIssueId") is not None, right not in names(one[1]), one[0]))
    if not found or not product:
        return {"found": False, "types": sorted(issue["type"] for _, issue in run.seen.values())}
    issue = found[0][1]
    said = product.explained(issue)
    missing = [word for word in run.expect["mustMention"] if word.lower() not in said.lower()]
    seconds = max(0.0, min(when for when, _ in found) - run.began)
    return {
        "found": True,
        "inTime": seconds <= run.within,
        "owner": "right" if right in names(issue) else "accepted",
        "missing": missing,
        "seconds": round(seconds),
        "type": issue["type"],
        "title": issue["title"],
        "said": said,
        "more": sorted(other["type"] for _, other in run.seen.values() if other["id"] != issue["id"] and not other.get("parentIssueId")),
    }


def prove(cluster: Cluster, run: Run) -> Json:
    """Whether the fault is there: all pods are ready, none restarted, and the log says what it must."""
    pods = cluster.pods(run.namespace)
    facts: Json = {"ready": all(ready(pod) for pod in pods), "restarts": sum(restarts(pod) for pod in pods), "pods": len(pods)}
    if run.expect:
        evidence = run.expect["evidence"]
        log = cluster.log(run.namespace, evidence["workload"])
        facts |= {"manifest": bool(re.search(evidence["log"], log)), "log": log.splitlines()[-20:]}
    return facts


def table(runs: Sequence[Run]) -> None:
    faults, calm = [run for run in runs if run.expect], [run for run in runs if not run.expect]
    if faults:
        print(f"\n{'fault':30}{'there':7}{'ready':7}{'found':7}{'owner':10}{'words':24}{'s':>5}  issue")
    for run in faults:
        one = run.result
        words = "all" if one.get("missing") == [] else "-" if not one["found"] else "no " + ", ".join(one["missing"])
        print(
            f"{run.name:30}{yes(one['manifest']):7}{yes(one['ready']):7}{yes(one['found']):7}{one.get('owner', '-'):10}"
            f"{words[:23]:24}{one.get('seconds', '-'):>5}  {one.get('type') or ', '.join(one.get('types', []))} {run.failure}"
        )
    if faults:
        good = [run.result for run in faults if run.result["found"]]
        print(
            f"\n{len(faults)} faults: {sum(run.result['manifest'] for run in faults)} shown by their logs, {len(good)} found"
            f" ({sum(one['inTime'] for one in good)} in time), {sum(one['owner'] == 'right' for one in good)} on the owner,"
            f" {sum(not one['missing'] for one in good)} with all words, {sum(len(one['more']) for one in good)} further issues"
        )
    if calm:
        false = [run for run in calm if run.seen]
        print(f"\n{len(calm)} healthy workloads: {len(false)} with false issues, {sum(not run.result['ready'] for run in calm)} not ready")
        for run in calm:
            if run.seen or not run.result["ready"] or run.failure:
                titles = ", ".join(one["title"] for _, one in run.seen.values())
                print(f"{run.name:30}ready {yes(run.result['ready'])}  {titles} {run.failure}")


def yes(value: bool) -> str:
    return "yes" if value else "no"


def needed(runs: Sequence[Run]) -> list[str]:
    text = "".join((run.folder / "manifest.yaml").read_text() for run in runs)
    return [name for name in IMAGES if f"{REGISTRY}/{name}:" in text]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Optral on faults that leave every pod ready.")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a case; may be given more than once")
    parser.add_argument("--kind", action="append", choices=["faults", "healthy"], help="default: both")
    parser.add_argument("--kubeconfig", type=Path, default=os.environ.get("KUBECONFIG"), help="of a cluster of tests/cluster")
    parser.add_argument("--at-once", type=int, default=12, metavar="N", help="cases that start at the same time (default: 12)")
    parser.add_argument("--port", type=int, default=18480, help="where the server listens on loopback (default: 18480)")
    parser.add_argument("--no-product", action="store_true", help="only apply the cases and show that the faults are there")
    parser.add_argument("--wait", type=int, metavar="SECONDS", help="wait this long after the last case, instead of what the cases say")
    parser.add_argument("--keep", action="store_true", help="leave the namespaces")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the results as JSON too")
    given = parser.parse_args()
    if not given.kubeconfig:
        raise SystemExit("set KUBECONFIG or give --kubeconfig")
    cluster, runs = Cluster(Path(given.kubeconfig)), chosen(given.only, given.kind or ["faults", "healthy"])
    cluster.load(needed(runs))
    product = None if given.no_product else Product(cluster.kubeconfig, given.port)
    enforcer, ended = Enforcer(cluster), threading.Event()
    enforcer.start()
    watcher = threading.Thread(target=watch, args=(product, runs, ended), daemon=True) if product else None
    try:
        if watcher:
            watcher.start()
        with ThreadPoolExecutor(given.at_once) as pool:
            list(pool.map(lambda run: apply(cluster, run), runs))
        wait_for(runs, given.wait)
        ended.set()
        for run in runs:
            run.result = prove(cluster, run) | (judge_fault(run, product) if run.expect else {})
        table(runs)
        if given.report:
            given.report.write_text(json.dumps({run.name: run.result | {"failure": run.failure} for run in runs}, indent=1) + "\n")
    finally:
        ended.set()
        if product:
            product.stop()
        enforcer.stop()
        if not given.keep:
            cluster.kubectl("delete", "namespace", "--wait=false", "--ignore-not-found", *(run.namespace for run in runs))


def wait_for(runs: Sequence[Run], seconds: int | None) -> None:
    """Wait until each case had its time, or until nothing is missing."""
    end = time.monotonic() + seconds if seconds is not None else max(run.began + run.within for run in runs) + SETTLE_S
    while time.monotonic() < end:
        time.sleep(POLL_S)


if __name__ == "__main__":
    main()
