"""Which tests one worker runs: whole files, as their fixtures are made once a file, and together what loads the same heavy library."""

from xdist.scheduler import LoadScopeScheduling

MODELS = ("tests/analysis/ai/", "tests/server/test_reasoning.py")


class ByFile(LoadScopeScheduling):
    """`--dist loadscope`, with the files that load the SDKs of models in one place: that takes 3 s."""

    def _split_scope(self, nodeid: str) -> str:
        return "models" if nodeid.startswith(MODELS) else super()._split_scope(nodeid)
