"""The baseline of ingest: decode the same bytes and upsert them into SQLite, in one process with nothing else around it.

No tunnel, no comparison, no detectors, no history: what no server of this kind can be cheaper than.
"""

import sqlite3
import tempfile
import time
from pathlib import Path

from optral.kube.objects import decode
from tests.support.pods import fleet

GROUP = 512  # rows a commit
CHANGES = 40_000


def measure(changes: int = CHANGES) -> float:
    """Microseconds of CPU per change."""
    pods = fleet()
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE pods (uid TEXT PRIMARY KEY, name TEXT, namespace TEXT, rv TEXT, phase TEXT, manifest BLOB)")
        upsert = (
            "INSERT INTO pods VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE SET rv = excluded.rv, phase = excluded.phase, "
            "manifest = excluded.manifest"
        )
        used = 0.0
        for at in range(0, changes, GROUP):
            raws = [pods[(at + i) % len(pods)].at(at + i) for i in range(GROUP)]
            began = time.process_time()
            decoded = [decode("Pod", raw) for raw in raws]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                upsert,
                [
                    (pod.uid, pod.name, pod.metadata.namespace, pod.metadata.resource_version, pod.kind, raw)
                    for pod, raw in zip(decoded, raws, strict=True)
                ],
            )
            connection.execute("COMMIT")
            used += time.process_time() - began
        connection.close()
    return used / changes * 1e6
