"""The command line of the soak: one table at the end, and a folder that a cut-off run goes on from."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from lab.soak import ages, crowd, executions, frozen, misbehaving, proposals, replicas, rotation, scale
from lab.soak.healthy import healthy
from lab.soak.runs import Damage, flat, growth, kill_rounds

RUNS = [
    "kill",
    "executions",
    "proposals",
    "frozen",
    "replicas",
    "crowd",
    "flat",
    "rotation",
    "healthy",
    "ages",
    "clusters",
    "large",
    "return",
]
ENGINES = ["sqlite", "postgresql"]
MOST_ON_POSTGRESQL = 40  # kills of each, of two servers with one database
MOST_GROWTH = 1.1  # of the last quarter over the second


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("runs", nargs="*", choices=RUNS, metavar="|".join(RUNS), help="all by default")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--connections", type=int, default=1100)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--rows", type=int, default=10_000_000, help="of history (10,000,000 take 6 GB)")
    parser.add_argument("--requests", type=int, default=200, help="of each list, in the run `ages`")
    parser.add_argument("--engine", choices=ENGINES, help="of the runs `ages` and `executions`; both by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="folder of a run that was cut off")
    given = parser.parse_args()
    folder = given.resume or Path(tempfile.mkdtemp(prefix="optral-soak-"))
    print(f"in {folder}, seed {given.seed}; a run that is cut off goes on with --resume {folder}", flush=True)
    runs = given.runs or RUNS
    is_good = True
    if "kill" in runs:
        is_good &= _kill(folder, given.rounds, given.seed)
    if "executions" in runs:
        for engine in [given.engine] if given.engine else ENGINES:
            kills = given.rounds if engine == "sqlite" else min(given.rounds, MOST_ON_POSTGRESQL)
            is_good &= _executions(folder, kills, given.seed, engine)
    if "proposals" in runs:
        is_good &= _proposals(folder, given.rounds, given.seed)
    if "frozen" in runs:
        is_good &= _frozen(min(given.rounds, 5))
    if "replicas" in runs:
        is_good &= _replicas(folder, given.rounds)
    if "crowd" in runs:
        is_good &= _crowd(folder, given.connections)
    if "flat" in runs:
        is_good &= _flat(folder, given.minutes)
    if "rotation" in runs:
        is_good &= _rotation(folder, given.agents)
    if "healthy" in runs:
        is_good &= _healthy(folder, min(given.minutes, 20), given.seed)
    if "ages" in runs:
        for engine in [given.engine] if given.engine else ENGINES:
            is_good &= _ages(folder / "ages", engine, given.rows, given.requests)
    if "clusters" in runs:
        is_good &= _fill(folder, clusters=100, pods=5_000)
    if "large" in runs:
        is_good &= _fill(folder, clusters=1, pods=100_000)
    if "return" in runs:
        found = scale.come_back(folder / "return", agents=1_000)
        print(scale.show_return(found), *found.misses, flush=True)
        is_good &= not found.misses
    return 0 if is_good else 1


def _fill(folder: Path, *, clusters: int, pods: int) -> bool:
    found = scale.fill(folder / f"{clusters}-clusters", clusters=clusters, pods=pods)
    print(scale.show(found), *found.misses, flush=True)
    return not found.misses


def _ages(folder: Path, engine: str, rows: int, requests: int) -> bool:
    found = ages.compare(folder, engine, rows=rows, requests=requests)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{engine + f', {rows:,} rows of history; milliseconds':60} {'young p50':>10} {'p99':>7} {'old p50':>9} {'p99':>7}")
    for one in found:
        figures = f"{ages.p50(one.young):10.1f} {ages.p99(one.young):7.1f} {ages.p50(one.old):9.1f} {ages.p99(one.old):7.1f}"
        print(f"{one.what:60} {figures}{'' if one.is_flat else '  NOT FLAT'}", flush=True)
    return all(one.is_flat for one in found)


def _kill(folder: Path, rounds: int, seed: int) -> bool:
    """Ten rounds at a time on a fresh server, so that what is finished is kept."""
    ledger = folder / f"kill-{seed}.json"
    damages = [Damage(**row) for row in json.loads(ledger.read_text())] if ledger.exists() else []
    while len(damages) < rounds:
        part = min(rounds, len(damages) + 10)
        with tempfile.TemporaryDirectory(prefix="optral-soak-") as inner:
            damages += kill_rounds(Path(inner), rounds=part, seed=seed, done=len(damages))
        ledger.write_text(json.dumps([vars(damage) for damage in damages]))
    lost, doubled = sum(d.lost for d in damages), sum(d.doubled for d in damages)
    print(f"\n{'SIGKILL of the server during ingest':40} {len(damages):>4} rounds   lost {lost}   doubled {doubled}")
    return lost == doubled == 0


def _executions(folder: Path, kills: int, seed: int, engine: str) -> bool:
    """Until the server, the agents and the tunnels were each killed so often in running executions. A fresh platform for every part."""
    ledger = folder / f"executions-{engine}-{seed}.json"
    found = [executions.Outcome(**row) for row in json.loads(ledger.read_text())] if ledger.exists() else []
    while victims := executions.missing(found, kills):
        with ExitStack() as stack:
            inner = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="optral-soak-")))
            url = stack.enter_context(frozen.database()) if engine == "postgresql" else ""
            part = victims[: executions.PER_PLATFORM]
            for outcomes in executions.rounds(inner / "executions", victims=part, seed=seed + len(found), database_url=url):
                found += outcomes
                ledger.write_text(json.dumps([vars(one) for one in found]))
        _show_executions(found, engine)
    return not any(one.fault for one in found)


def _proposals(folder: Path, kills: int, seed: int) -> bool:
    """Until the server was killed so often while it opened or closed a pull request."""
    found = list(proposals.rounds(folder / "proposals", kills=kills, seed=seed))
    opening, closing = sum(one.opening for one in found), sum(one.closing for one in found)
    faults = [one.fault for one in found if one.fault]
    print(f"\n{'killed while opening and closing pull requests':50} {'kills':>8} {'executions':>11} {'faults':>7}")
    print(f"{'server':50} {f'{opening} + {closing}':>8} {len(found):>11} {len(faults):>7}   {_counted(faults)}", flush=True)
    return not faults


def _show_executions(found: list[executions.Outcome], engine: str) -> None:
    print(f"\n{f'killed in executions of five steps, {engine}':45} {'kills':>6} {'executions':>11} {'changes':>8} {'faults':>7}   ends")
    for victim in executions.KILLED:
        those = [one for one in found if one.killed == victim]
        ends = _counted(one.status for one in those)
        faults, changes = sum(bool(one.fault) for one in those), sum(one.changes for one in those)
        print(f"{victim:45} {executions.kills(found, victim):>6} {len(those):>11} {changes:>8} {faults:>7}   {ends}", flush=True)
    fired = [one for one in found if one.is_fired]
    print(f"started by triggers: {len(fired)}, {_counted(one.status for one in fired)}")
    print(f"the executions were then at: {_counted(at for one in found for at in one.during)}")
    print(f"failures: {_counted(one.code for one in found if one.code)}")
    print(f"answers of the API servers to changes and dry runs: {_counted(misbehaving.answered.elements())}", flush=True)


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{word} {many}" for word, many in Counter(words).most_common())


def _frozen(rounds: int) -> bool:
    with frozen.database() as url:
        found = asyncio.run(frozen.freezes(url, rounds=rounds))
    faults, longest_s = [one.fault for one in found if one.fault], max(one.blocked_s for one in found)
    refused = sum(one.refused for one in found)
    print(
        f"\n{'a server frozen in its transactions':40} {rounds:>4} rounds   others blocked {longest_s} s at most, refused {refused}", end=""
    )
    print(f"   faults {len(faults)}")
    return not faults and longest_s <= frozen.MOST_S


def _replicas(folder: Path, rounds: int) -> bool:
    with frozen.database() as url:
        found = replicas.delays(folder / "replicas", url, rounds=rounds)
    print(f"\n{'two servers on one PostgreSQL':40} {rounds:>4} rounds   seconds: p50, p99")
    for name, sample in vars(found).items():
        print(f"  {name:20} {replicas.p50(sample):8.3f} {replicas.p(sample, 0.99):8.3f}")
    return replicas.p50(found.other_event) <= replicas.EVENT_P50_S and replicas.p50(found.other_command) <= replicas.COMMAND_P50_S


def _crowd(folder: Path, connections: int) -> bool:
    """Strangers at each listener, and heads without end."""
    is_good = True
    for head in crowd.heads(folder / "heads"):
        is_good &= head.grew_mib < crowd.MOST_GROWTH_MIB and head.livez_max_ms < crowd.P99_MS
        print(crowd.show_heads(head), flush=True)
    for found in crowd.crowds(folder / "crowds", count=connections):
        is_good &= not found.fault and found.livez_p99_ms < crowd.P99_MS
        print(crowd.show(found), found.fault, flush=True)
    return is_good


def _flat(folder: Path, minutes: float) -> bool:
    samples = flat(folder / "flat", minutes=minutes)
    is_good = True
    print(f"\n{'churn':12} {'second quarter':>16} {'last quarter':>14}")
    for field, unit in (("server_mib", "MiB"), ("agent_mib", "MiB"), ("disk_mb", "MB")):
        early, late = growth(samples, field)
        is_good &= late <= early * MOST_GROWTH
        print(f"{field:12} {early:>12.1f} {unit:>3} {late:>10.1f} {unit:>3}")
    return is_good


def _rotation(folder: Path, agents: int) -> bool:
    outcomes = rotation.rounds(folder / "rotation", agents=agents)
    print(f"\n{'CA rotation, ' + str(agents) + ' agents':50} {'seconds':>8} {'lost':>5} {'listed again':>13}")
    for one in outcomes:
        print(f"{one.what:50} {one.seconds:>8.0f} {one.lost:>5} {one.listed_again:>13}")
    return all(one.is_good for one in outcomes)


def _healthy(folder: Path, minutes: float, seed: int) -> bool:
    """Needs root on Linux, for the real cluster."""
    done, noise = healthy(folder / "healthy", minutes=minutes, seed=seed)
    print(f"\n{'a healthy real cluster':40} {minutes:>4.0f} minutes   {done} things done   {len(noise)} issues")
    for one in noise:
        print(f"  {one.type} {one.resource}: {one.title}")
    return not noise


if __name__ == "__main__":
    sys.exit(main())
