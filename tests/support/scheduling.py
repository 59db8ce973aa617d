"""Which tests one worker runs: whole files, as their fixtures are made once a file, and together what loads the same heavy library.

The fault loops start processes of their own and share no fixture, so each of them is handed out alone: together they take minutes.
"""

from xdist.scheduler import LoadScopeScheduling

FAULT_LOOPS = "tests/soak/"
MODELS = ("tests/analysis/ai/", "tests/server/test_reasoning.py")


class ByFile(LoadScopeScheduling):
    """`--dist loadscope`, with the files that load the SDKs of models in one place: that takes 3 s."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(FAULT_LOOPS):
            return nodeid
        return "models" if nodeid.startswith(MODELS) else super()._split_scope(nodeid)
