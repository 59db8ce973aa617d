"""docs/agent.md says what the list of verbs and the agent's code say."""

import re
from pathlib import Path

from optral.agent.commands import policy
from optral.kube import kinds
from optral.terms.verbs import ALL

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/agent.md").read_text()


def test_the_page_names_each_kind_of_which_only_the_metadata_is_sent() -> None:
    names = {kind.partition(".")[0] for kind in kinds.METADATA_ONLY} | kinds.REPORT_GROUPS
    assert {name for name in names if name.endswith(("Report", "ReportSummary")) or f"`{name}" in PAGE} == names


def test_every_verb_has_its_line() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", PAGE, re.MULTILINE)
    listed = {name: said != "nothing" for name, said in rows if name in {verb.name for verb in ALL}}
    assert listed == {verb.name: verb.is_write for verb in ALL}


def test_every_code_is_explained() -> None:
    text = "".join(path.read_text() for path in sorted((ROOT / "optral/agent/commands").glob("commands*.py")))
    text += (ROOT / "optral/commands/model.py").read_text() + (ROOT / "optral/commands/service.py").read_text()
    told = set(re.findall(r'(?:rejected|failed)\(\s*"([A-Z_]+)"', text)) | set(re.findall(r'code="([A-Z_]+)"', text))
    told |= set(re.findall(r'"([A-Z]+_[A-Z_]+)"', text)) & {"TIMED_OUT", "UNKNOWN_OUTCOME", "RBAC_DENIED", "CLUSTER_DELETED"}
    assert len(told) > 15
    assert sorted(code for code in told if f"`{code}`" not in PAGE) == []


def test_its_policy_can_be_used() -> None:
    (example,) = re.findall(r"```yaml\n(allowWrites.*?)```", PAGE, re.DOTALL)
    read = policy.parse(example.encode(), where="docs/agent.md")
    assert (read.allow_writes, read.namespaces, read.max_replicas) == (True, ("shop", "payments"), 20)
