"""Write `faults/` and `healthy/` from the tables: `python -m lab.silent.generate`."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from lab.silent import broken, noisy  # noqa: F401
from lab.silent.case import FAULTS, HEALTHY, Case, Fault
from lab.silent.objects import Json

HERE = Path(__file__).parent


def manifest(case: Case) -> str:
    objects: Sequence[Json] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": case.namespace}}, *case.objects]
    placed = [objects[0], *({**one, "metadata": {**one["metadata"], "namespace": case.namespace}} for one in objects[1:])]
    return yaml.dump_all(placed, Dumper=Plain, sort_keys=False, width=1000)


class Plain(yaml.SafeDumper):
    """No anchors: the same object is written as often as it is used."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def expected(fault: Fault) -> Json:
    def ref(text: str) -> Json:
        kind, name = text.split("/")
        return {"kind": kind, "namespace": fault.namespace, "name": name}

    workload, pattern = fault.logs.split(": ", 1)
    return {
        "owner": ref(fault.owner),
        "mechanism": fault.mechanism,
        "mustMention": list(fault.mention),
        "detectWithinSeconds": fault.within,
        "acceptOwners": [ref(text) for text in fault.accept],
        "readyPods": True,
        "root": ref(fault.root),
        "evidence": {"workload": workload, "log": pattern},
    }


def write(folder: Path, case: Case) -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.yaml").write_text(manifest(case))
    if case.inject:
        (folder / "inject.sh").write_text(case.inject)
    if isinstance(case, Fault):
        (folder / "expect.json").write_text(json.dumps(expected(case), indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    assert len({case.namespace for case in (*FAULTS, *HEALTHY)}) == len(FAULTS) + len(HEALTHY), "two cases share a namespace"
    for kind, cases in {"faults": FAULTS, "healthy": HEALTHY}.items():
        shutil.rmtree(HERE / kind, ignore_errors=True)
        for case in cases:
            write(HERE / kind / case.name, case)
        print(f"{len(cases)} {kind}")


if __name__ == "__main__":
    main()
