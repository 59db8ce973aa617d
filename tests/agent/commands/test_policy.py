"""The local policy: read-only unless a file says otherwise, some places never, and a broken file means read-only."""

import os
from pathlib import Path

import pytest

from optral.agent.commands import policy
from optral.agent.commands.policy import PolicyFile
from optral.terms import verbs
from optral.terms.errors import Misconfigured
from optral.terms.verbs import Params

RESTART = {"kind": "Deployment", "namespace": "shop", "name": "api"}

PROBE = {"check": "tcp", "kind": "Service", "namespace": "shop", "name": "api", "port": 80}
EXTERNAL = {**PROBE, "kind": "Pod", "host": "api.example.com"}


def refusal(text: str, verb: str, **params: object) -> str | None:
    found = verbs.find(verb)
    read: Params = verbs.check(found, params)
    return policy.parse(text.encode(), where="x").refusal(found, read, own_namespace="optral")


@pytest.mark.parametrize(
    ("text", "verb", "params", "is_allowed"),
    [
        ("", "restart", RESTART, False),
        ("allowWrites: false\nnamespaces: [shop]", "restart", RESTART, False),
        ("allowWrites: true\nnamespaces: [shop]", "restart", RESTART, True),
        ("allowWrites: true\nnamespaces: [other]", "restart", RESTART, False),
        ('allowWrites: true\nnamespaces: ["*"]', "restart", RESTART, True),
        ('allowWrites: true\nnamespaces: ["*"]', "restart", {**RESTART, "namespace": "kube-system"}, False),
        ("allowWrites: true\nnamespaces: [kube-system]", "restart", {**RESTART, "namespace": "kube-system"}, False),
        ('allowWrites: true\nnamespaces: ["*"]', "restart", {**RESTART, "namespace": "optral"}, False),
        ("allowWrites: true\nnamespaces: [shop]\nverbs: [scale]", "restart", RESTART, False),
        ("allowWrites: true\nnamespaces: [shop]\nverbs: [scale]", "scale", {**RESTART, "replicas": 5}, True),
        ("allowWrites: true\nnamespaces: [shop]\nmaxReplicas: 4", "scale", {**RESTART, "replicas": 5}, False),
        ('allowWrites: true\nnamespaces: ["*"]', "cordon", {"node": "n1"}, False),
        ("allowWrites: true\nverbs: [cordon]", "cordon", {"node": "n1"}, True),
        ("reads: [get]", "logs", {"namespace": "shop", "pod": "api-1"}, False),
        ("", "logs", {"namespace": "shop", "pod": "api-1"}, True),
        ("", "probe", PROBE, False),
        ("allowWrites: true\nnamespaces: [shop]", "probe", PROBE, False),
        ("reads: [get, events, logs, metrics]", "probe", PROBE, False),
        ("reads: [probe]", "probe", PROBE, True),
        ("reads: [probe]", "probe", {**EXTERNAL}, False),
        ("reads: [probe, probe.external]", "probe", {**EXTERNAL}, True),
        ("reads: [probe]", "get", {"kind": "Pod", "namespace": "shop", "name": "api-1"}, False),
    ],
)
def test_what_a_policy_allows(text: str, verb: str, params: dict[str, object], is_allowed: bool) -> None:
    assert (refusal(text, verb, **params) is None) is is_allowed


@pytest.mark.parametrize(("text", "is_allowed"), [("", True), ("reads: [get, metrics]", False), ("reads: [get, prometheus]", True)])
def test_prometheus_is_among_the_reads(text: str, is_allowed: bool) -> None:
    assert policy.parse(text.encode(), where="policy.yaml").allows_prometheus is is_allowed


@pytest.mark.parametrize(
    ("text", "is_allowed"), [("", True), ("reads: [get]", False), ("reads: [get, metrics]", True), ("allowWrites: false", True)]
)
def test_metrics_are_among_the_reads(text: str, is_allowed: bool) -> None:
    read = policy.parse(text.encode(), where="x")
    assert read.allows_metrics is is_allowed
    assert ("verb:metrics" in read.capabilities()) is is_allowed


@pytest.mark.parametrize(
    "text",
    [
        "allowWrites: yes please",
        "allowwrites: true",
        "allowWrites: true",
        "allowWrites: true\nnamespaces: [shop]\nverbs: [exec]",
        "allowWrites: true\nnamespaces: shop",
        "- allowWrites",
        "{",
        "!!python/object/apply:os.system ['true']",
        "reads: [secrets]",
        "reads: [get, probe.external]",
        "x" * 70_000,
    ],
)
def test_a_policy_that_does_not_fit_stops_the_start_with_one_line(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        policy.parse(text.encode(), where="/etc/optral/policy.yaml")
    assert "/etc/optral/policy.yaml" in refused.value.say
    assert "\n" not in refused.value.say


def test_a_changed_file_counts_at_once_and_a_broken_one_means_read_only(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("allowWrites: true\nnamespaces: [shop]")
    held = PolicyFile(path)
    assert held.now().allow_writes
    for number, (text, allows) in enumerate([("{", False), ("allowWrites: true\nnamespaces: [a]", True), ("", False)], 1):
        path.write_text(text)
        os.utime(path, ns=(number, number))
        assert held.now().allow_writes is allows
    path.unlink()
    assert held.now() == policy.READ_ONLY


def test_the_control_plane_gets_what_it_may_request() -> None:
    told = policy.parse(b"allowWrites: true\nnamespaces: [shop]\nverbs: [restart]", where="x").capabilities()
    assert told == ["verb:events", "verb:get", "verb:logs", "verb:metrics", "verb:restart", "namespace:shop"]
    assert policy.READ_ONLY.capabilities() == ["verb:events", "verb:get", "verb:logs", "verb:metrics", "read-only"]
    assert policy.parse(b"reads: [get, probe]", where="x").capabilities() == ["verb:get", "verb:probe", "read-only"]
