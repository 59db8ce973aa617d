"""The dashboard calls a step reading only if its verb reads."""

import re
from pathlib import Path

from optral.terms.verbs import READS

PAGE = Path(__file__).parents[2] / "dashboard/src/pages/runbooks/detail.tsx"


def test_the_page_of_a_runbook_knows_the_verbs_that_read() -> None:
    (listed,) = re.findall(r"const READS = new Set\(\[(.*?)\]\)", PAGE.read_text())
    assert set(re.findall(r'"(\w+)"', listed)) == READS
