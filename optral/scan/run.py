"""A whole scan, from reading the objects to the report: what `optral scan` runs.

HTTP and the analysis rules are imported only if they are needed: a fifth of the cost of scanning ten thousand pods.
"""

import time
from collections.abc import Callable
from pathlib import Path

from optral.kube import names
from optral.kube.objects import Namespace
from optral.scan import dump
from optral.scan.intake import Intake
from optral.scan.look import Seen, Wanted, look
from optral.scan.report import Json, Report

Tell = Callable[[str], None]


def of_dump(path: Path, wanted: Wanted, *, explain: bool, tell: Tell) -> Report:
    """Scan a file or directory. Raises `Misconfigured` if there is nothing to read."""
    taken = Intake(keep=explain)
    tell(f"reading {path}")
    dump.read(path, taken)
    now_from = dump.settle(taken)
    seen = _judged(taken, wanted, tell)
    return Report(source=str(path), now_from=now_from, intake=taken, seen=seen, answers=answers(taken, seen, tell=tell) if explain else {})


async def of_cluster(kubeconfig: Path | None, context: str | None, wanted: Wanted, *, explain: bool, tell: Tell) -> Report:
    """Scan the cluster of a kubeconfig, or the cluster that this process runs in. Raises `Misconfigured` or `Unavailable`."""
    from optral.kubeapi import credentials
    from optral.kubeapi.client import KubeClient
    from optral.scan import live

    taken, found = Intake(keep=explain), {}
    async with KubeClient(credentials.load(kubeconfig, context)) as client:
        tell(f"reading {client.access.name}")
        await live.read(client, taken, namespaces=wanted.namespaces, tell=tell)
        seen = _judged(taken, wanted, tell)
        if explain:
            await live.read_logs(client, taken, seen.roots, tell=tell)
            found = answers(taken, seen, tell=tell)
    return Report(source=client.access.name, now_from="by the clock of the API server", intake=taken, seen=seen, answers=found)


def answers(taken: Intake, seen: Seen, *, tell: Tell) -> dict[str, Json]:
    """The analysis of every root issue, by fingerprint."""
    from optral.scan.why import Why, analysis_of

    why, found = Why(taken), {}
    for number, root in enumerate(sorted(seen.roots, key=lambda root: root.namespace or ""), 1):
        tell(f"analyzing issue {number} of {len(seen.roots)}")
        began = time.perf_counter()
        explanation = why.explain(root)
        found[root.fingerprint] = analysis_of(explanation, duration_ms=round((time.perf_counter() - began) * 1000))
    return found


def _judged(taken: Intake, wanted: Wanted, tell: Tell) -> Seen:
    _miss_namespaces(taken, wanted)
    tell(f"examining {taken.taken:,} objects")
    return look(taken, wanted)


def _miss_namespaces(taken: Intake, wanted: Wanted) -> None:
    """A requested namespace that does not exist is a gap: no issue in it does not mean that it is healthy."""
    known = {one.metadata.name for one in taken.view.all(Namespace.kind)}
    for name in sorted(wanted.namespaces - known) if Namespace.kind in taken.seen_kinds else ():
        near = names.nearest(name, known)
        taken.gap(f"namespace {name}", "does not exist" + (f"; did you mean {near}?" if near else ""))
