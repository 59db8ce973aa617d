import re
from pathlib import Path

import pytest

from optral import detectors
from optral.detectors import defaults

ROOT = Path(__file__).parents[2]
_SAID = re.compile(r"^Severity: (?:usually |normally )?(critical|high|medium|low)", re.MULTILINE)


@pytest.mark.parametrize("detector", detectors.DETECTORS, ids=lambda detector: detector.type)
def test_a_page_begins_with_the_severity_that_is_listed(detector: detectors.Detector) -> None:
    """A new type: add its line to optral/detectors/defaults.py."""
    said = _SAID.search((ROOT / detector.page).read_text())
    assert said is not None
    assert defaults.SEVERITY[detector.type].value == said.group(1)


@pytest.mark.parametrize("detector", detectors.DETECTORS, ids=lambda detector: detector.type)
def test_the_index_lists_every_type(detector: detectors.Detector) -> None:
    assert f"- [{detector.type}]({detector.type}.md)" in (ROOT / "docs/detectors/README.md").read_text()
