"""Mutual TLS of Istio that caller and server do not agree on: the server accepts nothing else, and the caller does not speak it.

A server with a sidecar accepts only mutual TLS where the PeerAuthentication that applies to it is STRICT: that of its workload, else of its
namespace, else of the whole mesh. A caller without a sidecar sends plain text, and so does one whose DestinationRule disables TLS.
Source: Istio reference, PeerAuthentication and DestinationRule.
"""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules import exits, reach
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import quote_line
from optral.analysis.rules.rule import OF_LOGS, rule
from optral.analysis.rules.siblings import has_sidecar
from optral.kube import addresses, log_signs, mesh, selectors
from optral.kube.objects import DestinationRule

POLICY = "PeerAuthentication.security.istio.io"
STRICT = "STRICT"


class _Policy(NamedTuple):
    policy: SnapshotObject
    path: str


class _PlainText(NamedTuple):
    """Why the caller sends plain text; `disabling` is the DestinationRule that makes it, if one does."""

    sentence: Sentence
    disabling: SnapshotObject | None


def plain_text_refused(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The connection is closed, the server accepts only mutual TLS, and the caller sends plain text."""
    exited = exits.read(case, focus)
    line = None if exited is None else exited.lines.get(log_signs.DEPENDENCY)
    if exited is None or line is None or not log_signs.is_closed(line.text):
        return
    for service, port, level in _called(case, exited, line):
        strict, plain = _strict_for(case, service, port), _plain(case, exited.container.pod, service)
        if strict is not None and plain is not None:
            yield _answer(case, focus, exited, line, service, level, strict, plain)


def _called(case: Case, exited: Exit, line: LogLine) -> list[tuple[SnapshotObject, int | None, Level]]:
    """The Services that the line names, else the only one that the container calls; with the port and how sure that is."""
    found = [(one.host, one.service, one.port) for one in calls.of_container(case, exited.container) if one.service is not None]
    if named := [(service, port, Level.STRONG) for host, service, port in found if host in line.text]:
        return named[:2]
    return [(service, port, Level.LIKELY) for _, service, port in found] if len(found) == 1 else []


def _strict_for(case: Case, service: SnapshotObject, port: int | None) -> _Policy | None:
    target = next(reach.backends(case, service), None)
    if target is None or not has_sidecar(target):
        return None
    return _strict(case, target, reach.target_port(service, port, target))


def _answer(
    case: Case, focus: Focus, exited: Exit, line: LogLine, service: SnapshotObject, level: Level, strict: _Policy, plain: _PlainText
) -> Hypothesis:
    shown = case.book.object(strict.policy, strict.path)
    says = f"PeerAuthentication `{strict.policy.name}` sets mutual TLS for {{service}} to {{setting}}."
    return focus.hypothesis(
        "mesh_tls_mismatch",
        plain.disabling or exited.workload,
        level,
        exited.opening,
        quote_line("The log reports that a connection was closed", line),
        cite(says, shown, case.book.fields(service, "metadata", "name"), service=service.name, setting=STRICT),
        plain.sentence,
        actions=[_remedy(exited.workload, plain.disabling, shown, *plain.sentence.evidence_ids)],
    )


def _remedy(workload: SnapshotObject, disabling: SnapshotObject | None, *evidence_ids: str) -> Action:
    why = "The server accepts only mutual TLS."
    if disabling is None:
        return actions.advice(f"Add the sidecar to {workload.name}, or accept plain text with mode PERMISSIVE", why, *evidence_ids)
    change = edit(disabling, ("spec", "trafficPolicy", "tls", "mode"), "ISTIO_MUTUAL")
    return actions.advice(f"Set TLS to ISTIO_MUTUAL in DestinationRule {disabling.name}", why, *evidence_ids, edit=change)


def _strict(case: Case, pod: SnapshotObject, port: int | None) -> _Policy | None:
    """The PeerAuthentication that makes mutual TLS mandatory on this port of a pod; None where plain text is accepted."""
    of_pod = [
        one
        for one in case.snap.all(POLICY, pod.namespace)
        if one.map("spec.selector") and selectors.fits(selectors.parse(one.get("spec.selector")), pod.labels)
    ]
    of_all = [one for place in (pod.namespace, mesh.ROOT_NAMESPACE) for one in case.snap.all(POLICY, place) if not one.map("spec.selector")]
    for policy in (*of_pod, *of_all):
        path = f"spec.portLevelMtls.{port}.mode"
        if policy not in of_pod or not policy.text(path):
            path = "spec.mtls.mode"
        mode = policy.text(path)
        if mode not in ("", "UNSET"):
            return _Policy(policy, path) if mode == STRICT else None
    return None


def _plain(case: Case, caller: SnapshotObject, service: SnapshotObject) -> _PlainText | None:
    """None where it speaks mutual TLS, as far as the objects show."""
    if not has_sidecar(caller):
        names = ", ".join(str(one.get("name")) for one in caller.many("spec.containers"))
        shown = case.book.relation(caller.ref, "containers", names)
        return _PlainText(cite(f"Pod `{caller.name}` has no sidecar, so it sends plain text.", shown), None)
    name = addresses.ServiceName(service.namespace or "", service.name)
    for one in case.snap.all(DestinationRule.kind):
        if mesh.service_of(one.text("spec.host"), one.namespace or "") == name and one.text("spec.trafficPolicy.tls.mode") == "DISABLE":
            shown = case.book.object(one, "spec.trafficPolicy.tls.mode")
            return _PlainText(cite(f"DestinationRule `{one.name}` sets TLS to `DISABLE` for this host.", shown), one)
    return None


RULES = (rule(plain_text_refused, OF_LOGS, {"mesh_tls_mismatch"}),)
