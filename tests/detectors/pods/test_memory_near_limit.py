from typing import Any

import pytest

from tests.detectors import usage
from tests.detectors.build import only, pod, running, status, tuned

TYPE = "MemoryNearLimit"


def healthy() -> Any:
    return pod(status(state=running(), ready=True))


def test_a_container_that_stays_at_its_limit_is_reported() -> None:
    one = healthy()
    [finding] = only(TYPE, one, usage.of_pod(one, usage.using(950)))
    assert (finding.part, finding.facts) == ("api", {"memoryLimitBytes": 1000, "atLeastShare": 0.9})


@pytest.mark.parametrize(
    "used",
    [
        pytest.param(usage.using(890), id="below"),
        pytest.param(usage.using(950, rss=300), id="files that the kernel can drop"),
        pytest.param(usage.using(950, limit=0), id="no limit"),
        pytest.param(usage.using(0), id="level not known yet"),
    ],
)
def test_no_issue(used: dict[str, Any]) -> None:
    one = healthy()
    assert only(TYPE, one, usage.of_pod(one, used)) == []


def test_where_resident_memory_is_not_known_the_level_counts() -> None:
    one = healthy()
    assert len(only(TYPE, one, usage.of_pod(one, usage.using(950, rss=0)))) == 1


def test_the_share_can_be_set() -> None:
    one = healthy()
    assert len(tuned(TYPE, one, usage.of_pod(one, usage.using(700)), share=0.6)) == 1
