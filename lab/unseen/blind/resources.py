# fmt: off
# ruff: noqa: E501
"""Class h: custom resources of delivery tools, certificates, machines and operators."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, ago
from lab.unseen.site import Site, conditions

h = partial(fault, group="h")
FLUX, ARGO = "source.toolkit.fluxcd.io/v1", "argoproj.io/v1alpha1"


@h("reported_by_controller", at="freight/quotes")
def operation_of_an_application_failed(c: Site, app: App) -> Truth:
    """What runs is healthy; the last sync was refused."""
    c.enter("argocd")
    text = 'one or more objects failed to apply, reason: Deployment.apps "quotes" is invalid: spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"quotes"}}: field is immutable (retried 5 times).'
    operation = {"phase": "Failed", "message": text, "startedAt": ago(34), "finishedAt": ago(31), "operation": {"sync": {"revision": "b81f0c2"}}}
    status = {"sync": {"status": "OutOfSync", "revision": "b81f0c2"}, "health": {"status": "Healthy"}, "operationState": operation, "reconciledAt": ago(2),
              "conditions": [{"type": "SyncError", "message": f"Failed last sync attempt to [b81f0c2]: {text}", "lastTransitionTime": ago(31)}]}
    spec = {"project": "default", "source": {"repoURL": "https://git.acme.example/freight.git", "path": "quotes", "targetRevision": "main"}, "destination": {"namespace": "core"}, "syncPolicy": {"automated": {}}}
    c.custom(ARGO, "Application", "quotes", spec=spec, status=status)
    return Truth(objects=(("Application", "quotes"),), facts=("field is immutable",))


@h("reported_by_controller", at="freight/billing")
def kustomization_without_its_repository(c: Site, app: App) -> Truth:
    c.enter("flux-system")
    text = "failed to checkout and determine revision: unable to clone 'https://git.acme.example/freight.git': authentication required"
    c.custom(FLUX, "GitRepository", "freight", spec={"url": "https://git.acme.example/freight.git", "interval": "1m0s"}, status={"observedGeneration": 2, "conditions": conditions(("FetchFailed", "True", "GitOperationFailed", text), ("Ready", "False", "GitOperationFailed", text))})
    c.custom("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "billing", spec={"path": "./billing", "prune": True, "interval": "10m0s", "sourceRef": {"kind": "GitRepository", "name": "freight"}}, status={"observedGeneration": 2, "conditions": conditions(("Ready", "False", "ArtifactFailed", "Source artifact not found, retrying in 30s"), minutes=24)})
    return Truth(objects=(("GitRepository", "freight"),), facts=("authentication required",))


@h("reported_by_controller", at="telemetry/kong")
def release_without_its_chart_repository(c: Site, app: App) -> Truth:
    c.enter("flux-system")
    text = "failed to fetch Helm repository index: failed to cache index to temporary file: failed to fetch https://charts.acme.example/stable/index.yaml : 404 Not Found"
    c.custom(FLUX, "HelmRepository", "stable", spec={"url": "https://charts.acme.example/stable", "interval": "1h"}, status={"observedGeneration": 2, "conditions": conditions(("Ready", "False", "Failed", text), ("FetchFailed", "True", "Failed", text))})
    c.custom(FLUX, "HelmChart", "fleet-kong", spec={"chart": "kong", "sourceRef": {"kind": "HelmRepository", "name": "stable"}}, status={"observedGeneration": 2, "conditions": conditions(("Ready", "False", "NoSourceArtifact", "no artifact available for HelmRepository source 'stable'"), minutes=24)})
    c.enter("fleet")
    release = {"chart": {"spec": {"chart": "kong", "sourceRef": {"kind": "HelmRepository", "name": "stable", "namespace": "flux-system"}}}, "interval": "10m"}
    c.custom("helm.toolkit.fluxcd.io/v2", "HelmRelease", "kong", spec=release, status={"observedGeneration": 2, "conditions": conditions(("Ready", "False", "SourceNotReady", "HelmChart 'flux-system/fleet-kong' is not ready: no artifact available for HelmRepository source 'stable'"), minutes=23)})
    return Truth(objects=(("HelmRepository", "stable"),), facts=("404 Not Found",))


@h("certificate_not_issued", "reported_by_controller", at="telemetry/caddy")
def certificate_whose_challenge_gets_404(c: Site, app: App) -> Truth:
    c.enter("media")
    issuer = {"name": "letsencrypt", "kind": "ClusterIssuer"}
    certificate = c.custom("cert-manager.io/v1", "Certificate", "media-tls", spec={"secretName": "media-tls", "dnsNames": ["media.acme.example"], "issuerRef": issuer}, status={"conditions": conditions(("Issuing", "True", "DoesNotExist", "Issuing certificate as Secret does not exist"), ("Ready", "False", "DoesNotExist", "Issuing certificate as Secret does not exist"), minutes=48)})
    request = c.custom("cert-manager.io/v1", "CertificateRequest", "media-tls-1", owner=certificate, spec={"issuerRef": issuer}, status={"conditions": conditions(("Approved", "True", "cert-manager.io", "Certificate request has been approved by cert-manager.io"), ("Ready", "False", "Pending", 'Waiting on certificate issuance from order media/media-tls-1-3811: "pending"'), minutes=48)})
    order = c.custom("acme.cert-manager.io/v1", "Order", "media-tls-1-3811", owner=request, spec={"dnsNames": ["media.acme.example"], "issuerRef": issuer}, status={"state": "pending"})
    reason = "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'"
    c.custom("acme.cert-manager.io/v1", "Challenge", "media-tls-1-3811-77", owner=order, spec={"dnsName": "media.acme.example", "type": "HTTP-01", "issuerRef": issuer}, status={"presented": True, "processing": True, "state": "pending", "reason": reason})
    names = (("Certificate", "media-tls"), ("CertificateRequest", "media-tls-1"), ("Order", "media-tls-1-3811"), ("Challenge", "media-tls-1-3811-77"))
    return Truth(objects=names, facts=("wrong status code '404'",))


@h("reported_by_controller", at="freight/claims")
def machine_that_the_cloud_does_not_provide(c: Site, app: App) -> Truth:
    c.enter("capi")
    text = "1 of 2 completed: InstanceProvisionFailed @ AWSMachine/workers-x8f2k: InsufficientInstanceCapacity: We currently do not have sufficient m7i.2xlarge capacity in the Availability Zone you requested"
    c.custom("cluster.x-k8s.io/v1beta1", "Machine", "workers-x8f2k", spec={"clusterName": "prod", "version": "v1.34.2"}, status={"phase": "Provisioning", "conditions": [
        {"type": "InfrastructureReady", "status": "False", "severity": "Error", "reason": "InstanceProvisionFailed", "message": text, "lastTransitionTime": ago(55)},
        {"type": "Ready", "status": "False", "severity": "Error", "reason": "InstanceProvisionFailed", "message": text, "lastTransitionTime": ago(55)}]})
    return Truth(objects=(("Machine", "workers-x8f2k"),), facts=("InsufficientInstanceCapacity",))


@h("reported_by_controller", at="telemetry/devices-db")
def managed_resource_that_is_denied(c: Site, app: App) -> Truth:
    c.enter("fleet")
    text = "create failed: cannot create DBInstance in AWS: operation error RDS: CreateDBInstance, https response error StatusCode: 403, api error AccessDenied: User is not authorized to perform: rds:CreateDBInstance"
    c.custom("database.aws.upbound.io/v1", "Instance", "devices-replica", minutes=120, spec={"forProvider": {"region": "eu-west-1"}}, status={"conditions": conditions(("Synced", "False", "ReconcileError", text), ("Ready", "False", "Creating", ""), minutes=118)})
    return Truth(objects=(("Instance", "devices-replica"),), facts=("AccessDenied",))


@h("reported_by_controller", at="telemetry/media-db")
def conditions_without_a_status(c: Site, app: App) -> Truth:
    c.enter("media")
    text = "replica media-archive-1 lost quorum: oplog window of 2h exceeded, full resync required"
    c.custom("databases.acme.dev/v1", "DocumentCluster", "media-archive", spec={"members": 3}, status={"phase": "Degraded", "reason": "ReplicaLost", "message": text, "conditions": [{"type": "Failed", "reason": "ReplicaLost", "message": text, "lastTransitionTime": ago(44)}]})
    return Truth(objects=(("DocumentCluster", "media-archive"),), facts=("full resync required",))


@h("reported_by_controller", at="freight/sessions")
def phase_and_error_only(c: Site, app: App) -> Truth:
    """A controller that knows no conditions."""
    c.enter("data")
    c.custom("backup.acme.dev/v1", "BackupRun", "ledger-1790650800", minutes=95, spec={"target": "ledger"}, status={"phase": "Failed", "failureReason": "UploadFailed", "failureMessage": "PUT s3://freight-backup/ledger/base.tar: 507 Insufficient Storage", "completedAt": ago(60)})
    return Truth(objects=(("BackupRun", "ledger-1790650800"),), facts=("507 Insufficient Storage",))


@h(at="freight/quotes")
def control_resources_that_are_in_order(c: Site, app: App) -> Truth:
    """Out of sync with manual sync, suspended, and a condition whose good value is False."""
    c.enter("argocd")
    done = {"phase": "Succeeded", "message": "successfully synced (all tasks run)", "startedAt": ago(4000), "finishedAt": ago(3999)}
    spec = {"project": "default", "source": {"repoURL": "https://git.acme.example/freight.git", "path": "quotes", "targetRevision": "main"}, "destination": {"namespace": "core"}}
    c.custom(ARGO, "Application", "quotes", spec=spec, status={"sync": {"status": "OutOfSync"}, "health": {"status": "Healthy"}, "operationState": done})
    c.enter("flux-system")
    c.custom("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "core", spec={"suspend": True, "path": "./core", "interval": "10m0s", "prune": True, "sourceRef": {"kind": "GitRepository", "name": "freight"}}, status={"observedGeneration": 2, "conditions": conditions(("Ready", "True", "ReconciliationSucceeded", "Applied revision: main@sha1:b81f0c2"), minutes=9000)})
    c.custom(FLUX, "GitRepository", "freight", spec={"url": "https://git.acme.example/freight.git", "interval": "1m0s"}, status={"observedGeneration": 2, "conditions": conditions(("Ready", "True", "Succeeded", "stored artifact for revision 'main@sha1:b81f0c2'"), minutes=9000)})
    c.custom("databases.acme.dev/v1", "DocumentCluster", "archive", spec={"members": 3}, status={"phase": "Running", "conditions": conditions(("Ready", "True", "AllMembersReady", ""), ("Failing", "False", "NoFailure", ""), ("UpgradeInProgress", "False", "Idle", ""), minutes=9000)})
    return Truth()
