from dataclasses import replace
from itertools import pairwise

from optral.detectors import CATALOG, precedence
from tests.detectors.test_fingerprint import FINDING


def types(*shown: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    findings = [replace(FINDING, type=name, part=part) for name, part in shown]
    return sorted((finding.type, finding.part) for finding in precedence.choose(findings, CATALOG))


def test_the_type_with_the_lowest_rank_is_reported_for_a_container() -> None:
    for first, second in pairwise(sorted(CATALOG.ranks, key=CATALOG.ranks.__getitem__)):
        assert types((second, "api"), (first, "api")) == [(first, "api")]


def test_containers_do_not_compete_with_each_other() -> None:
    assert types(("CrashLoopBackOff", "api"), ("OOMKilled", "proxy")) == [("CrashLoopBackOff", "api"), ("OOMKilled", "proxy")]


def test_findings_about_the_whole_pod_stay() -> None:
    assert types(("FailedMount", None), ("FailedScheduling", None), ("OOMKilled", "api")) == [
        ("FailedMount", None),
        ("FailedScheduling", None),
        ("OOMKilled", "api"),
    ]


def test_a_catch_all_is_reported_only_when_nothing_else_is() -> None:
    assert types(("PodNotReady", None), ("FailedMount", None)) == [("FailedMount", None)]
    assert types(("PodNotReady", None)) == [("PodNotReady", None)]
