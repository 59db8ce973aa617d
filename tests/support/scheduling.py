"""Which tests one worker runs: whole files, as their fixtures are made once a file, and together what loads the same heavy library.

The fault loops start processes of their own and share no fixture, so each of them is handed out alone: together they take minutes.
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

FAULT_LOOPS = "lab/soak/"
LONG = ("tests/contract/test_fuzz.py", "tests/dashboard/test_demo.py", "tests/deploy/test_images.py", "tests/up/test_demo.py")
"""Few tests that take minutes, most of them waiting. At the end, as the smallest files, they would leave the other worker without work.

Fault loops stay at the end, one by one.
"""
MODELS = ("tests/analysis/ai/", "tests/server/test_reasoning.py")


class ByFile(LoadScopeScheduling):
    """`--dist loadscope`, with the files that load the SDKs of models in one place: that takes 3 s. Then the largest files first."""

    def _assign_work_unit(self, node: Any) -> None:
        if not self.assigned_work.get(node):
            for scope in [scope for scope in self.workqueue if scope.startswith(LONG)]:
                self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(FAULT_LOOPS):
            return nodeid
        return "models" if nodeid.startswith(MODELS) else super()._split_scope(nodeid)
