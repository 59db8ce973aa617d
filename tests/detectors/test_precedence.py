from dataclasses import replace
from itertools import pairwise

from optral.detectors import precedence
from tests.detectors.test_fingerprint import FINDING


def types(*shown: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    findings = [replace(FINDING, type=name, part=part) for name, part in shown]
    return sorted((finding.type, finding.part) for finding in precedence.choose(findings))


def test_the_most_telling_type_speaks_for_a_container() -> None:
    for first, second in pairwise(precedence.ORDER):
        assert types((second, "api"), (first, "api")) == [(first, "api")]


def test_containers_do_not_silence_each_other() -> None:
    assert types(("CrashLoopBackOff", "api"), ("OOMKilled", "proxy")) == [("CrashLoopBackOff", "api"), ("OOMKilled", "proxy")]


def test_findings_about_the_whole_pod_stay() -> None:
    assert types(("FailedMount", None), ("FailedScheduling", None), ("OOMKilled", "api")) == [
        ("FailedMount", None),
        ("FailedScheduling", None),
        ("OOMKilled", "api"),
    ]
