"""Optral as it is judged: `optral up` of this checkout on the cluster, and what its REST API says."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
START_S = 90


class Product:
    """A server and an agent, from `start` until `stop`; its data folder is new."""

    def __init__(self, kubeconfig: Path, port: int) -> None:
        self.url, self.data = f"http://127.0.0.1:{port}", Path(tempfile.mkdtemp(prefix="optral-silent-"))
        program = Path(sys.executable).with_name("optral")
        command = [program, "up", "--kubeconfig", kubeconfig, "--data-dir", self.data, "--listen", f"127.0.0.1:{port}"]
        self.output = (self.data / "output.log").open("w")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                self.key = json.loads((self.data / "up.json").read_text())["apiKey"]
                self.get("/v1/issues", pageSize=1)
                return
            except (OSError, ValueError, KeyError):
                time.sleep(0.5)
        raise SystemExit(f"optral up does not answer: see {self.data}/output.log")

    def get(self, path: str, **query: Any) -> Json:
        address = f"{self.url}{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.key}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return dict(json.load(answer))

    def issues(self) -> list[Json]:
        """All issues, resolved ones and symptoms too."""
        found: list[Json] = []
        query: Json = {"status": "open,acknowledged,resolved", "parent": "any", "pageSize": 100}
        for parent in ("none", "any"):
            cursor = None
            while True:
                page = self.get("/v1/issues", **query | {"parent": parent} | ({"cursor": cursor} if cursor else {}))
                found += page["issues"]
                cursor = page.get("nextCursor")
                if not cursor:
                    break
        return list({issue["id"]: issue for issue in found}.values())

    def explained(self, issue: Json) -> str:
        """The words that a person reads on the page of an issue, and on that of its root, to which the page leads."""
        whole = self.get(f"/v1/issues/{issue['id']}")
        if root := whole.get("parentIssueId"):
            return json.dumps(whole.get("title")) + self.explained({"id": root})
        analysis = whole.get("analysis") or {}
        said = [
            whole.get("title"),
            *(analysis.get(part) for part in ("summary", "rootCause", "hypotheses", "evidence", "changes", "recommendedActions")),
        ]
        return json.dumps(said, ensure_ascii=False)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.output.close()
