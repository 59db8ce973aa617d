"""Results of probes from the agent's pod: which ones an analysis wants, and what those that are here do to its hypotheses.

A refusal counts only if no NetworkPolicy may have refused the agent itself: some network plugins reject what others drop. Whether a policy
blocks the agent is computed as for any other caller, from the manifests of its pod and namespace. A TCP connection that a mesh sidecar
accepts says nothing of what is behind it. `probing.py` holds the truth table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce

from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import EFFECTS, Ask, Effect, ProbeOutcome, Role, effect_of, seen_in
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, cite, is_ready
from optral.analysis.reading.snapshot import SnapshotObject, moment
from optral.analysis.rules import reach
from optral.terms import probes
from optral.terms.probes import ProbeResult
from optral.terms.verbs import Probe

MOST = 3
"""Probes of one analysis."""
AGAIN_AFTER_S = 600.0
COUNTS_FOR_S = 3600.0
_OF_POLICIES = frozenset({Role.POLICY, Role.POLICY_OF_CALLER})


def wanted(case: Case, found: Sequence[Hypothesis]) -> tuple[Probe, ...]:
    """The probes that would decide, those of the best hypotheses first. What is proven is probed only if that could refute it, and
    nothing of which the result is known."""
    if case.question.is_resolved:
        return ()
    asks = [ask for one in found for ask in one.asks if one.level < Level.PROVEN or Effect.REFUTES in EFFECTS[ask.role].values()]
    return tuple(probe for probe in list(dict.fromkeys(ask.probe for ask in asks))[:MOST] if not _is_known(case, probe))


def _is_known(case: Case, probe: Probe) -> bool:
    result = case.snap.probes.get(probe)
    return result is not None and case.is_fresh(result.at, AGAIN_AFTER_S)


def weigh(case: Case, found: Iterable[Hypothesis]) -> list[Hypothesis]:
    """The hypotheses with what the results of probes say about them."""
    return [_weighed(case, one) if one.asks else one for one in found]


def refused(case: Case, probe: Probe) -> Sentence | None:
    """That a ready pod behind this target refuses connections, and not a policy."""
    result = _result(case, probe)
    is_refused = result is not None and _seen(case, probe, result) is ProbeOutcome.REFUSED and _was_ready(_target(case, probe), result.at)
    return _stated(case, probe, result) if result is not None and is_refused else None


def _weighed(case: Case, hypothesis: Hypothesis) -> Hypothesis:
    more, against, effects = list(hypothesis.sentences), list(hypothesis.against), list[Effect]()
    for ask in hypothesis.asks:
        result = _result(case, ask.probe)
        if result is None:
            continue
        effect = _effect(case, ask, result)
        if effect is Effect.NOTHING:
            continue
        sentence = _stated(case, ask.probe, result)
        if effect < 0:
            against.append(sentence)
        elif sentence not in more:
            more.append(sentence)
        effects.append(effect)
    level = reduce(moved, sorted(effects, reverse=True), hypothesis.level)  # what rules it out has the last word
    return replace(hypothesis, level=level, sentences=tuple(more), against=tuple(against))


def moved(level: Level, effect: Effect) -> Level:
    """The level after a result with this effect."""
    if effect is Effect.REFUTES:
        return Level.HINT
    if effect is Effect.WEAKENS:
        return level.lowered()
    if effect is Effect.SUPPORTS:
        return max(level, Level(min(level + 1, Level.STRONG)))
    return Level.PROVEN if effect is Effect.CONFIRMS else level


def _effect(case: Case, ask: Ask, result: ProbeResult) -> Effect:
    if ask.role in _OF_POLICIES:
        return _effect_on_policy(case, ask, result)
    if _is_accepted_by_sidecar(case, ask, result):
        return Effect.NOTHING
    seen = _seen(case, ask.probe, result)
    if ask.role is Role.NOT_LISTENING and seen is ProbeOutcome.REFUSED and not _was_ready(_target(case, ask.probe), result.at):
        return Effect.NOTHING  # an application that has not started refuses too
    return effect_of(ask.role, seen)


def _effect_on_policy(case: Case, ask: Ask, result: ProbeResult) -> Effect:
    """What a result says about a NetworkPolicy: the opposite, depending on whether it blocks the agent too."""
    agent, target = _vantage(case, result), _target(case, ask.probe)
    if agent is None or target is None or reach.is_in_network_of_node(agent):
        return Effect.NOTHING
    seen = seen_in(result)
    if seen is ProbeOutcome.REACHABLE and reach.mesh_sidecar(agent):
        return Effect.NOTHING  # the agent's own sidecar accepted the connection
    if not _blocks(case, agent, target, ask.probe):
        return effect_of(Role.POLICY_OF_CALLER, _seen(case, ask.probe, result))
    if seen is ProbeOutcome.SILENT and not is_ready(target):
        return Effect.NOTHING  # the pod itself may be silent
    return Effect.NOTHING if _blocks_itself(case, agent, target, ask.probe) else effect_of(Role.POLICY, seen)


def _is_accepted_by_sidecar(case: Case, ask: Ask, result: ProbeResult) -> bool:
    """Whether a mesh sidecar may have accepted the connection: the agent's own, or that of the pod, unless only the way there counts."""
    if result.check != "tcp" or seen_in(result) is not ProbeOutcome.REACHABLE:
        return False
    agent, target = _vantage(case, result), _target(case, ask.probe)
    ends = (agent, None if ask.role is Role.NO_ENDPOINTS else target)
    return any(pod is not None and reach.mesh_sidecar(pod) for pod in ends)


def _seen(case: Case, probe: Probe, result: ProbeResult) -> ProbeOutcome:
    """What a result shows; a refusal that may be the work of a policy is as good as silence."""
    seen, target = seen_in(result), _target(case, probe)
    if seen is not ProbeOutcome.REFUSED or target is None:
        return seen
    agent = _vantage(case, result)
    if agent is None:
        return ProbeOutcome.SILENT if reach.restricting(case, target) else seen
    is_blocked = _blocks(case, agent, target, probe) or _blocks_itself(case, agent, target, probe)
    return ProbeOutcome.SILENT if is_blocked else seen


def _blocks(case: Case, agent: SnapshotObject, target: SnapshotObject, probe: Probe) -> bool:
    """Whether policies keep the agent from this port of the target."""
    return bool(reach.blocking_ingress(case, agent, target, _pod_port(case, probe, target)))


def _blocks_itself(case: Case, agent: SnapshotObject, target: SnapshotObject, probe: Probe) -> bool:
    """Whether policies of its own namespace keep the agent from going there."""
    return bool(reach.blocking_egress(case, agent, target, _pod_port(case, probe, target)))


def _pod_port(case: Case, probe: Probe, pod: SnapshotObject) -> int | None:
    service = case.snap.find("Service", probe.namespace, probe.name) if probe.kind == "Service" else None
    return probe.port if service is None else reach.target_port(service, probe.port, pod)


def _target(case: Case, probe: Probe) -> SnapshotObject | None:
    """The pod that is probed; of a Service the first of its ready pods, or of all."""
    obj = case.snap.find(probe.kind, probe.namespace, probe.name)
    if obj is None or obj.kind == "Pod":
        return obj
    return min(reach.backends(case, obj), key=lambda pod: not is_ready(pod), default=None)


def _was_ready(pod: SnapshotObject | None, at: datetime) -> bool:
    """Whether the pod is ready, and was so at that time."""
    if pod is None or not is_ready(pod):
        return False
    since = moment(pod.condition("Ready")[1].get("lastTransitionTime"))
    return since is None or since <= at


def _vantage(case: Case, result: ProbeResult) -> SnapshotObject | None:
    """The agent's pod, if the inventory has it."""
    return case.snap.find("Pod", result.vantage.namespace, result.vantage.pod)


def _result(case: Case, probe: Probe) -> ProbeResult | None:
    result = case.snap.probes.get(probe)
    return result if result is not None and (case.question.is_resolved or case.is_fresh(result.at, COUNTS_FOR_S)) else None


def _stated(case: Case, probe: Probe, result: ProbeResult) -> Sentence:
    obj = case.snap.find(probe.kind, probe.namespace, probe.name)
    ref = case.question.resource if obj is None else obj.ref
    return cite(f"{probes.text(result)}.", case.book.probe(ref, result))
