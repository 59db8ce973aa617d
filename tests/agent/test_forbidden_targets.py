"""What no verb changes, whatever the policy and the role allow: every verb that writes, on every target that is forbidden."""

from pathlib import Path
from typing import Any

import pytest

from optral.agent.commands import policy
from optral.runbooks.model import PROTECTED_NAMESPACES
from optral.terms import verbs
from optral.terms.errors import Invalid
from optral.terms.verbs import VERBS
from tests.agent.commanding import Agent, name
from tests.support.changes import WRITES
from tests.support.kubedouble import KubeDouble

OWN = "optral"
EVERYWHERE = policy.of(["*"], sorted(verbs.WRITES))
FORBIDDEN_KINDS = (
    "Secret", "ConfigMap", "ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "CustomResourceDefinition", "APIService", "Namespace", "NetworkPolicy",
    "Role.rbac.authorization.k8s.io", "PersistentVolume", "StorageClass", "Lease", "Widget.shop.example",
)  # fmt: skip
NAMESPACED = sorted(verb for verb in WRITES if VERBS[verb].is_namespaced)


def test_every_verb_that_writes_is_tried_here() -> None:
    assert set(WRITES) == verbs.WRITES


@pytest.mark.parametrize("namespace", [*sorted(PROTECTED_NAMESPACES), OWN])
@pytest.mark.parametrize("verb", NAMESPACED)
async def test_no_verb_changes_a_system_namespace_or_the_agents_own(double: KubeDouble, tmp_path: Path, verb: str, namespace: str) -> None:
    async with Agent(double, tmp_path, allowed=EVERYWHERE) as agent:
        for is_dry in (False, True):
            end = await agent.do(verb, dry_run=is_dry, **WRITES[verb] | {"namespace": namespace})
            assert (name(end), end.code) == ("REJECTED", "POLICY_DENIED"), end.message
    assert double.requests == []


def test_the_server_protects_the_same_namespaces() -> None:
    assert PROTECTED_NAMESPACES == policy.PROTECTED


@pytest.mark.parametrize("kind", FORBIDDEN_KINDS)
@pytest.mark.parametrize("verb", sorted(WRITES))
async def test_no_verb_names_a_kind_that_is_never_changed(double: KubeDouble, tmp_path: Path, verb: str, kind: str) -> None:
    params: dict[str, Any] = WRITES[verb] | {"kind": kind}
    with pytest.raises(Invalid):  # the server
        verbs.check(verbs.find(verb), params)
    async with Agent(double, tmp_path, allowed=EVERYWHERE) as agent:
        end = await agent.do(verb, **params)
    assert (name(end), end.code) == ("REJECTED", "INVALID")
    assert double.requests == []


def test_no_permission_of_a_verb_reaches_what_is_forbidden() -> None:
    needed = {permission for verb in verbs.ALL if verb.is_write for each in verb.permissions.values() for permission in each}
    assert not {(one.group, one.resource) for one in needed} & {("", "secrets"), ("", "configmaps"), ("", "serviceaccounts")}
    assert not {one.group for one in needed} & {"rbac.authorization.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io"}
    assert not {one.subresource for one in needed} & {"exec", "attach", "portforward", "proxy", "ephemeralcontainers"}
    assert all("*" not in one for one in needed)
