"""One issue per container: of all that is true of it, the most telling type speaks and the others are silent.

A container killed for memory is also in back-off and not ready; three issues would say one thing three times. Types about the whole pod
(scheduling, mounts) do not compete with those about a container.
"""

from collections.abc import Iterable

from optral.detectors.finding import Finding

ORDER = (
    "OOMKilled",
    "CreateContainerConfigError",
    "CreateContainerError",
    "LifecycleHookFailed",
    "RunContainerError",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "ImagePullBackOff",
    "LivenessProbeFailed",
    "StartupProbeFailed",
    "CrashLoopBackOff",
    "InitContainerStuck",
    "ReadinessProbeFailed",
    "FrequentRestarts",
)
CATCH_ALL = "PodNotReady"  # says that something is wrong; whatever says what silences it
_RANK = {name: rank for rank, name in enumerate(ORDER)}


def choose(findings: Iterable[Finding]) -> list[Finding]:
    """Keep the strongest finding of every container of one object; findings of types without a rank all stay, the catch-all if alone."""
    findings = list(findings)
    if any(finding.type != CATCH_ALL for finding in findings):
        findings = [finding for finding in findings if finding.type != CATCH_ALL]
    kept: list[Finding] = []
    strongest: dict[str, Finding] = {}
    for finding in findings:
        if finding.part is None or finding.type not in _RANK:
            kept.append(finding)
        elif finding.part not in strongest or _RANK[finding.type] < _RANK[strongest[finding.part].type]:
            strongest[finding.part] = finding
    return kept + list(strongest.values())
