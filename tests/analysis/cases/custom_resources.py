"""Custom resources that repeat what another object reports: a delivery chain, certificates, secrets, machines, an unknown operator."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import Json, World, at, container, deployment, ended, node, obj, pod, replica_set, state, template, waiting

TYPE = "CustomResourceNotReady"
REFUSED = "failed to checkout and determine revision: unable to clone 'https://git.test/team/apps': authentication required"


def state_of(*conditions: tuple[str, str, str, str], minutes_ago: float = 40, **more: Any) -> Json:
    """A status: type, status, reason and message of each condition."""
    names = ("type", "status", "reason", "message")
    return {"conditions": [dict(zip(names, one, strict=True)) | {"lastTransitionTime": at(minutes_ago)} for one in conditions]} | more


def resource(kind: str, name: str, *, group: str = "stores.test", status: Json | None = None, **more: Any) -> Json:
    return obj(f"{group}/v1", kind, name, status=status or state_of(("Ready", "True", "", "")), **more)


def ask_about(world: World, about: Json) -> tuple[World, Explanation]:
    world.visible |= {f"{one['kind']}.{one['apiVersion'].partition('/')[0]}" for one in world.objects if "." in one["apiVersion"]}
    return world, world.ask(TYPE, about)


def delivered(message: str = "Source is not ready, artifact not found", *, source: Json | None = None) -> tuple[World, Json]:
    """A Kustomization and its source, which cannot be cloned."""
    refused = state_of(("Ready", "False", "GitOperationFailed", REFUSED), minutes_ago=45)
    repository = resource("GitRepository", "apps", group="source.toolkit.fluxcd.io", status=source or refused)
    spec = {"sourceRef": {"kind": "GitRepository", "name": "apps"}, "path": "./web"}
    status = state_of(("Ready", "False", "ArtifactFailed", message))
    applied = resource("Kustomization", "web", group="kustomize.toolkit.fluxcd.io", spec=spec, status=status)
    return World([applied, repository]), applied


@case("reported_by_controller", "apps", "cannot be applied without its source")
def cannot_be_applied_without_its_source() -> tuple[World, Explanation]:
    return ask_about(*delivered())


@case("reported_by_controller", "web", "its source fails for another reason")
def fails_to_build_while_its_source_fails() -> tuple[World, Explanation]:
    return ask_about(*delivered("kustomize build failed: accumulating resources: duplicate id apps_v1_Deployment|web"))


def waits_for_a_challenge() -> tuple[World, Explanation]:
    """Each object of an issuance owns the next; only the last one says why."""
    acme, manager = "acme.cert-manager.io", "cert-manager.io"
    issued = resource(
        "Certificate",
        "shop-tls",
        group=manager,
        status=state_of(("Ready", "False", "DoesNotExist", "Issuing certificate")),
    )
    request = resource(
        "CertificateRequest",
        "shop-tls-1",
        group=manager,
        owner=issued,
        status=state_of(("Ready", "False", "Pending", 'Waiting on certificate issuance from order orders/shop-tls-1-771: "pending"')),
    )
    order = resource("Order", "shop-tls-1-771", group=acme, owner=request, status={"state": "pending", "reason": "waits for its challenge"})
    why = "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'"
    challenge = resource("Challenge", "shop-tls-1-771-0", group=acme, owner=order, status={"state": "pending", "reason": why})
    return ask_about(World([issued, request, order, challenge]), request)


@case("reference_missing", "vault-main", "reads from a store that nobody made")
def reads_from_a_store_that_nobody_made() -> tuple[World, Explanation]:
    group = "external-secrets.io"
    message = 'could not get secret store: SecretStore.external-secrets.io "vault-main" not found'
    spec = {"secretStoreRef": {"kind": "SecretStore", "name": "vault-main"}, "target": {"name": "login"}}
    synced = resource("ExternalSecret", "login", group=group, spec=spec, status=state_of(("Ready", "False", "SecretSyncedError", message)))
    return ask_about(World([synced, resource("SecretStore", "vault-maim", group=group)]), synced)


@case("missing_secret", "cloud-login", "its provider has no credentials")
def its_provider_has_no_credentials() -> tuple[World, Explanation]:
    """The claim repeats its composite, which repeats the bucket; the Secret is named by what configures the provider."""
    message = 'cannot get credentials: secrets "cloud-login" not found'
    claim = resource(
        "Storage",
        "uploads",
        spec={"resourceRef": {"apiVersion": "stores.test/v1", "kind": "XStorage", "name": "uploads-x"}},
        status=state_of(("Synced", "True", "", ""), ("Ready", "False", "Waiting", "the claim is waiting for its composite resource")),
    )
    composite = resource(
        "XStorage",
        "uploads-x",
        namespace=None,
        spec={
            "claimRef": {"kind": "Storage", "name": "uploads", "namespace": "orders"},
            "resourceRefs": [{"apiVersion": "cloud.stores.test/v1", "kind": "Bucket", "name": "uploads-x-1"}],
        },
        status=state_of(("Ready", "False", "Creating", "Unready resources: bucket")),
    )
    bucket = resource(
        "Bucket",
        "uploads-x-1",
        group="cloud.stores.test",
        namespace=None,
        owner=composite,
        spec={"providerConfigRef": {"name": "default"}, "writeConnectionSecretToRef": {"name": "out", "namespace": "orders"}},
        status=state_of(("Synced", "False", "ReconcileError", message)),
    )
    config = resource(
        "ProviderConfig",
        "default",
        group="cloud.stores.test",
        namespace=None,
        spec={"credentials": {"secretRef": {"namespace": "cloud", "name": "cloud-login"}}},
        status={},
    )
    return ask_about(World([claim, composite, bucket, config]), claim)


@case("reported_by_controller", "worker-0-vm", "a machine without its infrastructure")
def a_machine_without_its_infrastructure() -> tuple[World, Explanation]:
    machine = resource(
        "Machine",
        "worker-0",
        group="cluster.x-k8s.io",
        spec={"clusterName": "main", "infrastructureRef": {"kind": "CloudMachine", "name": "worker-0-vm"}},
        status=state_of(("Ready", "False", "InfrastructureFailed", "infrastructure is not ready"), phase="Provisioning"),
    )
    failed = {"failureReason": "CreateError", "failureMessage": "quota of instances exceeded in zone b", "phase": "Failed"}
    return ask_about(
        World([machine, resource("CloudMachine", "worker-0-vm", group="infrastructure.cluster.x-k8s.io", status=failed)]), machine
    )


@case("application_error", "ledger", "a part of an operator's resource crashes")
def a_part_of_it_crashes() -> tuple[World, Explanation]:
    """An operator without rules of its own: its resource owns a StatefulSet whose pod crashes."""
    ledger = resource(
        "Ledger", "main", status=state_of(("Ready", "False", "NotEnoughReplicas", "0 of 1 replicas are ready"), minutes_ago=30)
    )
    spec = {"replicas": 1, "template": template(container("ledger"))}
    store = obj("apps/v1", "StatefulSet", "ledger", owner=ledger, spec=spec, status={"replicas": 1, "readyReplicas": 0})
    crashing = state("ledger", restarts=5, now=waiting("CrashLoopBackOff"), last=ended(3))
    world = World([ledger, store, pod(store, "ledger-0", status={"containerStatuses": [crashing]}), node()])
    world.logs["ledger-0", "ledger"] = "panic: checksum of segment 17 does not match"
    return ask_about(world, ledger)


@case("image_tag_not_found", "web", "an application whose Deployment has no image")
def an_application_whose_deployment_has_no_image() -> tuple[World, Explanation]:
    web = deployment("web", status={"replicas": 1, "readyReplicas": 0})
    message = 'failed to pull and unpack image "registry.test/team/api:1.4": registry.test/team/api:1.4: not found'
    failing = pod(web, "web-1-x", status={"phase": "Pending", "containerStatuses": [state(now=waiting("ErrImagePull", message))]})
    part = {"group": "apps", "kind": "Deployment", "namespace": "orders", "name": "web", "health": {"status": "Degraded"}}
    shown = {"health": {"status": "Degraded", "lastTransitionTime": at(2)}, "resources": [part], "sync": {"status": "Synced"}}
    application = resource("Application", "shop", group="argoproj.io", status=shown)
    return ask_about(World([application, web, replica_set(web), failing, node()]), application)


@case("reported_by_controller", "stream", "the condition that says why")
def the_condition_that_says_why() -> tuple[World, Explanation]:
    """The summary says that it is not ready; the condition beside it says why."""
    status = state_of(
        ("Ready", "False", "ReconcileFailed", "the broker failed to reconcile"),
        ("ListenersValid", "False", "InvalidConfiguration", "listener external: nodePort 31000 is already allocated"),
    )
    return ask_about(World([one := resource("Broker", "stream", status=status)]), one)
