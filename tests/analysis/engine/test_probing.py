"""Results of probes: the truth table, which causes request which probe, and what the agent's vantage can and cannot decide."""

import re
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from optral.analysis.engine import engine, probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.engine import Investigation
from optral.analysis.engine.probing import EFFECTS, Ask, Effect, ProbeOutcome, Role
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case
from optral.analysis.rules import probe_results
from optral.terms.probes import OUTCOMES, Certificate, Outcome, ProbeResult, Reason, Vantage
from optral.terms.verbs import Probe
from tests.analysis.cases.base import CASES, crash
from tests.analysis.cases.calls import store
from tests.analysis.cluster import NOON, World, at, container, deployment, obj, pod, service, state, template

PAGE = Path(__file__).parents[3] / "docs/analysis.md"
VANTAGE = Vantage(namespace="optral", pod="optral-agent-1", node="node-1")
WORDS = {
    Effect.REFUTES: "ruled out", Effect.WEAKENS: "one level down", Effect.NOTHING: "–", Effect.AGREES: "cited",
    Effect.SUPPORTS: "one level up", Effect.CONFIRMS: "proven",
}  # fmt: skip


def result(probe: Probe, seen: ProbeOutcome, *, at: datetime = NOON, vantage: Vantage = VANTAGE) -> ProbeResult:
    reasons = {ProbeOutcome.REFUSED: Reason.REFUSED, ProbeOutcome.NOT_FOUND: Reason.NAME_NOT_FOUND, ProbeOutcome.SILENT: Reason.TIMEOUT}
    reason = reasons.get(seen)
    certificate = None
    if seen in (ProbeOutcome.EXPIRED, ProbeOutcome.OTHER_NAME):
        ends = NOON + timedelta(days=-1 if seen is ProbeOutcome.EXPIRED else 30)
        certificate = Certificate(
            names=("other.test",), not_before=NOON - timedelta(days=90), not_after=ends, covers_name=seen is not ProbeOutcome.OTHER_NAME
        )
    return ProbeResult(
        check=probe.check,
        outcome=Outcome.REACHABLE if reason is None else OUTCOMES[reason],
        reason=reason,
        at=at,
        vantage=vantage,
        name=f"{probe.name}.{probe.namespace}.svc" if probe.kind == "Service" else "",
        address="" if probe.check == "dns" else "10.9.8.7",
        port=probe.port or 0,
        addresses=("10.9.8.7",) if probe.check == "dns" and reason is None else (),
        certificate=certificate,
    )


# --- the table


def rows() -> dict[str, tuple[set[str], list[str]]]:
    """Claim → the causes and the cells of the page's table."""
    section = PAGE.read_text().partition("## Probes as evidence")[2].partition("\n## ")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")]
    return {cells[0]: (set(re.findall(r"`([a-z_]+)`", cells[1])), cells[2:]) for cells in found[1:]}


def test_the_page_shows_the_truth_table() -> None:
    table = {claim: cells for claim, (_, cells) in rows().items()}
    assert table == {role.value: [WORDS[probing.effect_of(role, seen)] for seen in ProbeOutcome] for role in Role}


@pytest.mark.parametrize("role", Role)
def test_every_role_can_support_and_contradict(role: Role) -> None:
    effects = set(EFFECTS[role].values())
    assert any(effect > 0 for effect in effects)
    assert any(effect < 0 for effect in effects)


@pytest.mark.parametrize(
    ("level", "effect", "after"),
    [
        (Level.LIKELY, Effect.REFUTES, Level.HINT),
        (Level.PROVEN, Effect.REFUTES, Level.HINT),
        (Level.LIKELY, Effect.WEAKENS, Level.PLAUSIBLE),
        (Level.HINT, Effect.WEAKENS, Level.HINT),
        (Level.LIKELY, Effect.NOTHING, Level.LIKELY),
        (Level.LIKELY, Effect.AGREES, Level.LIKELY),
        (Level.LIKELY, Effect.SUPPORTS, Level.STRONG),
        (Level.STRONG, Effect.SUPPORTS, Level.STRONG),
        (Level.PROVEN, Effect.SUPPORTS, Level.PROVEN),
        (Level.POSSIBLE, Effect.CONFIRMS, Level.PROVEN),
    ],
)
def test_what_an_effect_does_to_a_level(level: Level, effect: Effect, after: Level) -> None:
    assert probe_results.moved(level, effect) is after


# --- which causes request which probe


def addressed(world: World) -> World:
    """The same cluster with addresses: pods and Services of the book have none."""
    found = world.copy()
    found.objects = [deepcopy(one) for one in world.objects]
    for number, one in enumerate(found.objects):
        if one["kind"] == "Pod":
            one.setdefault("status", {}).setdefault("podIP", f"10.0.1.{number}")
        if one["kind"] == "Service" and one["spec"].get("type") != "ExternalName":
            one["spec"].setdefault("clusterIP", f"10.96.1.{number}")
    return found


def investigated(world: World) -> Investigation:
    assert world.asked is not None
    return engine.investigate(world.asked, world.snapshot())


def of_book() -> dict[str, set[Role]]:
    """Cause → the roles of its probes, over all cases of the book."""
    found: dict[str, set[Role]] = {}
    for _, _, ask in CASES.values():
        for one in investigated(addressed(ask()[0])).found:
            found.setdefault(one.cause, set()).update(asked.role for asked in one.asks)
    return {cause: roles for cause, roles in found.items() if roles}


@pytest.mark.slow  # every case of the book
def test_the_page_names_the_causes_of_each_claim() -> None:
    shown: dict[str, set[str]] = {}
    for claim, (causes, _) in rows().items():
        for cause in causes:
            shown.setdefault(cause, set()).add(claim)
    for cause, roles in of_book().items():
        assert {role.value for role in roles} <= shown[cause], cause


def first(world: World, role: Role) -> tuple[Hypothesis, Ask]:
    """The best hypothesis of a cluster with a probe of this role."""
    for one in investigated(world).found:
        for ask in one.asks:
            if ask.role is role:
                return one, ask
    raise AssertionError(f"no hypothesis requests a probe for: {role}")


def weighed(world: World, hypothesis: Hypothesis, results: dict[Probe, ProbeResult]) -> Hypothesis:
    """The hypothesis with these results."""
    probed = world.copy()
    probed.probes = results
    assert world.asked is not None
    (after,) = probe_results.weigh(Case(world.asked, probed.snapshot()), [hypothesis])
    return after


def with_role(role: Role) -> World:
    for _, _, ask in CASES.values():
        world = addressed(ask()[0])
        if any(asked.role is role for one in investigated(world).found for asked in one.asks):
            return world
    raise AssertionError(f"no case of the book requests a probe for: {role}")


ELSEWHERE = {Role.POLICY, Role.POLICY_OF_CALLER, Role.RESOLVER, Role.CERTIFICATE}
"""Roles with tests of their own below."""


@pytest.mark.slow  # searches the book
@pytest.mark.parametrize("role", [role for role in Role if role not in ELSEWHERE])
@pytest.mark.parametrize("seen", ProbeOutcome)
def test_each_result_moves_the_level_as_the_table_says(role: Role, seen: ProbeOutcome) -> None:
    world = with_role(role)
    before, ask = first(world, role)
    after = weighed(world, before, {ask.probe: result(ask.probe, seen)})
    effect = probing.effect_of(role, seen)
    assert after.level is probe_results.moved(before.level, effect)
    cited = [one for one in (*after.sentences, *after.against) if "From the agent's pod" in one.text]
    assert len(cited) == (effect is not Effect.NOTHING)
    assert bool(after.against) is (effect < 0)


# --- roles that no case of the book shows


def crashing(line: str, *extra: Any, env: str = "store:6379", **more: Any) -> World:
    """A container that calls a Service `store` and exits with this line."""
    world, _ = crash(1, line, spec=container(env=[{"name": "STORE_ADDR", "value": env}]), extra=extra, **more)
    return addressed(world)


def test_an_expired_certificate_of_a_called_service_is_proven() -> None:
    world = crashing('Get "https://store:6379": x509: certificate has expired or is not yet valid', *store())
    before, ask = first(world, Role.CERTIFICATE)
    assert (before.cause, ask.probe.check, ask.probe.name, ask.probe.port) == ("certificate_invalid", "tls", "store", 6379)
    for seen, level in (
        (ProbeOutcome.EXPIRED, Level.PROVEN),
        (ProbeOutcome.OTHER_NAME, before.level),
        (ProbeOutcome.REACHABLE, before.level.lowered()),
    ):
        after = weighed(world, before, {ask.probe: result(ask.probe, seen)})
        assert after.level is level, seen


def dns_is_down() -> World:
    servers = deployment("coredns", of=template(container("coredns"), labels={"k8s-app": "kube-dns"}))
    entrance = service("kube-dns", selector={"k8s-app": "kube-dns"}, ports=[{"port": 53, "protocol": "UDP"}])
    entrance["metadata"]["labels"] = {"k8s-app": "kube-dns"}
    down = pod(servers, "coredns-1", status={"containerStatuses": [state("coredns")]})
    for one in (servers, entrance, down):
        one["metadata"]["namespace"] = "kube-system"
    world = World([servers, entrance, down])
    world.ask("ClusterDNSUnavailable", entrance)
    return addressed(world)


def test_a_dns_that_answers_the_agent_is_less_likely_to_be_down() -> None:
    world = dns_is_down()
    before, ask = first(world, Role.RESOLVER)
    assert (before.cause, ask.probe.check, ask.probe.name) == ("dns_unavailable", "dns", "kube-dns")
    levels = {
        seen: weighed(world, before, {ask.probe: result(ask.probe, seen)}).level for seen in (ProbeOutcome.REACHABLE, ProbeOutcome.SILENT)
    }
    assert levels == {
        ProbeOutcome.REACHABLE: before.level.lowered(),
        ProbeOutcome.SILENT: probe_results.moved(before.level, Effect.SUPPORTS),
    }


# --- a port that nothing listens on


STORE = Probe(check="tcp", kind="Service", namespace="orders", name="store", port=6379)


def refusing(*objects: Any) -> World:
    """The caller's connection is refused, and everything about the Service looks healthy."""
    return crashing("dial tcp: connect to store:6379: connection refused", *objects)


def test_a_ready_pod_that_refuses_the_port_of_its_service_is_the_cause() -> None:
    world = refusing(*store())
    assert investigated(world).found[0].cause == "dependency_unavailable"
    assert STORE in world.again().probes
    world.probes = {STORE: result(STORE, ProbeOutcome.REFUSED)}
    answer = world.again()
    cause = answer.root_cause
    assert cause is not None
    assert (cause["id"], cause["subject"]["name"], answer.level) == ("target_port_mismatch", "store", Level.PROVEN)
    text = (
        "From the agent's pod in namespace optral on node node-1 at 12:00:00: TCP connect to 10.9.8.7:6379 (store.orders.svc) was refused."
    )
    assert text in cause["explanation"]
    (evidence,) = [one for one in answer.body["evidence"] if one["kind"] == "probe"]
    assert (evidence["excerpt"] + ".", evidence["observedAt"], evidence["stance"]) == (text, "2026-03-01T12:00:00Z", "supports")
    assert answer.body["warnings"] == []


@pytest.mark.parametrize(
    ("condition", "is_proof"),
    [
        pytest.param({"status": "True", "lastTransitionTime": at(30)}, True, id="ready for half an hour"),
        pytest.param({"status": "True", "lastTransitionTime": at(1)}, False, id="ready since the probe"),
        pytest.param({"status": "False", "lastTransitionTime": at(30)}, False, id="not ready"),
    ],
)
def test_a_pod_that_was_not_ready_when_it_was_probed_refuses_for_another_reason(condition: Any, *, is_proof: bool) -> None:
    world = refusing(*store())
    behind = next(one for one in world.objects if one["metadata"]["name"] == "store-1")
    behind["status"]["conditions"] = [{"type": "Ready", **condition}]
    world.probes = {STORE: result(STORE, ProbeOutcome.REFUSED, at=NOON - timedelta(minutes=5))}
    assert ("target_port_mismatch" in {one.cause for one in investigated(world).found}) is is_proof


def test_what_rules_a_cause_out_has_the_last_word() -> None:
    world = with_role(Role.PROBED)
    before, _ = first(world, Role.PROBED)
    results = {ask.probe: result(ask.probe, ProbeOutcome.REACHABLE) for ask in before.asks}
    after = weighed(world, before, results)
    assert len(results) == 2
    assert (after.level, len(after.against)) == (Level.HINT, 1)
    assert weighed(world, replace(before, asks=before.asks[::-1]), results).level is Level.HINT


def test_a_success_says_that_it_works_for_others_and_not_that_nothing_listens() -> None:
    world = refusing(*store())
    before, ask = first(world, Role.DOWN)
    world.probes = {ask.probe: result(ask.probe, ProbeOutcome.REACHABLE)}
    found = {one.cause: one for one in investigated(world).found}
    assert "target_port_mismatch" not in found
    assert found["dependency_unavailable"].level is before.level.lowered()
    assert found["dependency_unavailable"].against


def test_a_declared_port_that_answers_rules_out_that_nothing_listens() -> None:
    """The declared ports are informative only: a pod may listen on a port that it does not declare."""
    behind, front = store()[1:], service("store", selector={"app": "store"}, ports=[{"port": 6379, "targetPort": 7000}])
    world = World([front, *behind])
    world.ask("ServiceTargetPortMismatch", front)
    world = addressed(world)
    before, ask = first(world, Role.NOT_LISTENING)
    assert (before.cause, ask.probe.kind, ask.probe.port) == ("target_port_mismatch", "Pod", 7000)
    world.probes = {ask.probe: result(ask.probe, ProbeOutcome.REACHABLE)}
    answer = world.again()
    assert answer.root_cause is None
    (ruled_out,) = [one for one in answer.body["hypotheses"] if one["id"] == "target_port_mismatch"]
    assert "succeeded" in ruled_out["why"]
    assert [one["stance"] for one in answer.body["evidence"] if one["kind"] == "probe"] == ["contradicts"]


# --- the vantage


def policy(**spec: Any) -> Any:
    return obj("networking.k8s.io/v1", "NetworkPolicy", "guard", spec={"podSelector": {"matchLabels": {"app": "store"}}, **spec})


def from_(namespace: str) -> Any:
    return [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}]}]


def agent(*, labels: Any = None) -> list[Any]:
    meta = {"labels": labels or {"app.kubernetes.io/name": "optral-agent"}}
    spaces = [
        obj("v1", "Namespace", name, namespace=None, metadata={"labels": {"kubernetes.io/metadata.name": name}})
        for name in ("optral", "orders")
    ]
    return [obj("v1", "Pod", VANTAGE.pod, namespace="optral", metadata=meta, spec={"containers": [container("agent")]}), *spaces]


SPACES = agent()[1:]
BLOCKS_AGENT = policy(policyTypes=["Ingress"], ingress=from_("elsewhere"))
ADMITS_AGENT = policy(policyTypes=["Ingress"], ingress=from_("optral"))
OWN_EGRESS = obj("networking.k8s.io/v1", "NetworkPolicy", "own", namespace="optral", spec={"podSelector": {}, "policyTypes": ["Egress"]})


@pytest.mark.parametrize(
    ("objects", "is_proof"),
    [
        pytest.param([], True, id="no policies"),
        pytest.param(agent(), True, id="none, and the agent's pod is known"),
        pytest.param([*agent(), BLOCKS_AGENT], False, id="a policy that blocks the agent may be what refuses"),
        pytest.param([*agent(), ADMITS_AGENT], True, id="a policy that admits it is not"),
        pytest.param([*SPACES, BLOCKS_AGENT], False, id="it is not known whether it admits the agent"),
        pytest.param([*agent(), OWN_EGRESS], False, id="the agent's own egress may be what refuses"),
    ],
)
def test_a_refusal_proves_that_nothing_listens_unless_a_policy_may_have_refused(objects: list[Any], *, is_proof: bool) -> None:
    world = refusing(*store(), *objects)
    world.probes = {STORE: result(STORE, ProbeOutcome.REFUSED)}
    found = {one.cause for one in investigated(world).found if one.level is Level.PROVEN}
    assert ("target_port_mismatch" in found) is is_proof


def timing_out(*objects: Any, ready: bool = True) -> World:
    return crashing("dial tcp: connect to store:6379: i/o timeout", *store(ready=ready), *objects)


UP, DOWN, OUT, SAME = "up", "down", "ruled out", "same"


@pytest.mark.parametrize(
    ("objects", "seen", "change"),
    [
        pytest.param([*agent(), BLOCKS_AGENT], ProbeOutcome.REACHABLE, OUT, id="blocked and reached: the policy is not enforced"),
        pytest.param([*agent(), BLOCKS_AGENT], ProbeOutcome.SILENT, UP, id="blocked and silent: the policy is enforced"),
        pytest.param([*agent(), BLOCKS_AGENT], ProbeOutcome.REFUSED, SAME, id="blocked and refused: either of two"),
        pytest.param([*agent(), BLOCKS_AGENT, OWN_EGRESS], ProbeOutcome.SILENT, SAME, id="silent because of the agent's own policy"),
        pytest.param([*agent(), ADMITS_AGENT], ProbeOutcome.REACHABLE, UP, id="admitted and reached"),
        pytest.param([*agent(), ADMITS_AGENT], ProbeOutcome.REFUSED, OUT, id="admitted and refused"),
        pytest.param([*agent(), ADMITS_AGENT], ProbeOutcome.SILENT, SAME, id="admitted and silent"),
        pytest.param([*SPACES, BLOCKS_AGENT], ProbeOutcome.REACHABLE, SAME, id="an agent that the inventory does not know"),
        pytest.param([*SPACES, BLOCKS_AGENT], ProbeOutcome.SILENT, SAME, id="and its silence"),
    ],
)
def test_what_a_probe_says_of_a_policy_depends_on_whether_it_blocks_the_agent(objects: list[Any], seen: ProbeOutcome, change: str) -> None:
    world = timing_out(*objects)
    before = next(one for one in investigated(world).found if one.cause == "network_policy_blocks")
    (ask,) = before.asks
    after = weighed(world, before, {ask.probe: result(ask.probe, seen)})
    expected = {UP: probe_results.moved(before.level, Effect.SUPPORTS), OUT: Level.HINT, SAME: before.level}[change]
    assert after.level is expected


def meshed(world: World, *names: str) -> World:
    """The same cluster, with a mesh sidecar in these pods."""
    found = world.copy()
    found.objects = deepcopy(world.objects)
    for one in found.objects:
        if one["kind"] == "Pod" and one["metadata"]["name"] in names:
            one["spec"]["containers"].append(container("istio-proxy"))
    return found


@pytest.mark.parametrize("pods", [("store-1",), (VANTAGE.pod,)], ids=["the target's sidecar", "the agent's sidecar"])
def test_a_connection_that_a_sidecar_accepts_says_nothing_of_the_application(pods: tuple[str, ...]) -> None:
    world = meshed(refusing(*store(), *agent()), *pods)
    before, ask = first(world, Role.DOWN)
    assert weighed(world, before, {ask.probe: result(ask.probe, ProbeOutcome.REACHABLE)}) == before
    assert weighed(world, before, {ask.probe: result(ask.probe, ProbeOutcome.REFUSED)}) != before


@pytest.mark.parametrize(
    ("pods", "is_decided"), [(("store-1",), True), ((VANTAGE.pod,), False)], ids=["the target's sidecar", "the agent's sidecar"]
)
def test_a_policy_lets_a_connection_through_to_a_sidecar_too(pods: tuple[str, ...], *, is_decided: bool) -> None:
    world = meshed(timing_out(*agent(), BLOCKS_AGENT), *pods)
    before = next(one for one in investigated(world).found if one.cause == "network_policy_blocks")
    after = weighed(world, before, {ask.probe: result(ask.probe, ProbeOutcome.REACHABLE) for ask in before.asks})
    assert (after.level is Level.HINT) is is_decided


def test_an_agent_in_the_network_of_its_node_says_nothing_of_policies() -> None:
    """Most network plugins let through what comes from a node."""
    itself, *spaces = agent()
    itself["spec"]["hostNetwork"] = True
    world = timing_out(itself, *spaces, BLOCKS_AGENT)
    before = next(one for one in investigated(world).found if one.cause == "network_policy_blocks")
    for seen in (ProbeOutcome.REACHABLE, ProbeOutcome.SILENT):
        assert weighed(world, before, {ask.probe: result(ask.probe, seen) for ask in before.asks}) == before


# --- the budget


def test_an_analysis_requests_at_most_three_and_none_of_what_it_knows() -> None:
    world = refusing(*store())
    wanted = world.again().probes
    assert 1 <= len(wanted) <= probe_results.MOST == 3
    world.probes = {wanted[0]: result(wanted[0], ProbeOutcome.SILENT)}
    assert wanted[0] not in world.again().probes
    world.probes = {wanted[0]: result(wanted[0], ProbeOutcome.SILENT, at=NOON - timedelta(minutes=11))}
    assert wanted[0] in world.again().probes


def test_a_resolved_issue_is_not_probed() -> None:
    world = refusing(*store())
    assert world.asked is not None
    world.asked = replace(world.asked, is_resolved=True)
    assert world.again().probes == ()


def test_a_result_counts_for_an_hour() -> None:
    world = refusing(*store())
    world.probes = {STORE: result(STORE, ProbeOutcome.REFUSED, at=NOON - timedelta(minutes=61))}
    assert "target_port_mismatch" not in {one.cause for one in investigated(world).found}


def test_the_same_finding_at_another_time_is_the_same_evidence() -> None:
    """Otherwise each repetition would look like a new answer, and a language model would be paid for it again."""
    world = refusing(*store())
    hashes = set()
    for minutes in (1, 5):
        world.probes = {STORE: result(STORE, ProbeOutcome.REFUSED, at=NOON - timedelta(minutes=minutes))}
        hashes.add(world.again().evidence_hash)
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"type": "ExternalName", "externalName": "store.test"},
        {"selector": {}},
        {"clusterIP": "None"},
        {"ports": [{"port": 6379, "protocol": "UDP"}]},
    ],
    ids=["an alias", "endpoints by hand", "headless", "UDP"],
)
def test_what_an_agent_refuses_is_not_requested(change: Any) -> None:
    front, *behind = store()
    front["spec"] |= change
    world = refusing(front, *behind)
    assert not [probe for probe in world.again().probes if probe.kind == "Service" and probe.name == "store"]


@pytest.mark.parametrize(
    "status", [{"podIP": "192.168.1.11", "hostIP": "192.168.1.11"}, {"podIP": ""}], ids=["its node's address", "no address"]
)
def test_a_pod_without_an_address_of_its_own_is_not_requested(status: Any) -> None:
    front, owner, behind = store()
    front["spec"]["ports"] = [{"port": 6379, "targetPort": 7000}]
    behind["status"] |= status
    world = World([front, owner, behind])
    world.ask("ServiceTargetPortMismatch", front)
    assert not [probe for probe in addressed(world).again().probes if probe.kind == "Pod"]
