"""The runbooks every organisation has. They are code, so that an upgrade brings their newer versions everywhere at once.

They are read-only; an execution pins the version and keeps the definition it ran with. Change one: raise its version.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from optral.runbooks import definition_reader, document
from optral.runbooks.definition import Definition
from optral.terms import bounds, ids
from optral.terms.fields import PROBES


class Builtin(NamedTuple):
    """One runbook that comes with the program; the same id in every organisation."""

    id: str
    version: int
    definition: Definition


def _bounds(*paths: str, more: str = "") -> str:
    """The bounds of a step that may set these values to so many times the present ones."""
    return "    bounds:\n" + "".join(f"      - {{path: {path}, maxFactor: {bounds.MAX_FACTOR}{more}}}\n" for path in paths)


_WORKLOAD = """
  - name: kind
    type: enum
    enum: [Deployment, StatefulSet, DaemonSet]
    required: true
    default: ${target.kind}
    description: Kind of the workload
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Its namespace}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
"""
_CONTAINER = (
    _WORKLOAD
    + """\
  - {name: container, type: string, required: true, default: "${target.container}", description: The container in its pod template}
"""
)
_OBJECT = '{kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}"}'
_PULL_SECRET = _OBJECT.removesuffix("}") + ', field: imagePullSecret, value: "${parameters.secret}"}'
_CONTAINER_FIELD = (
    _OBJECT.removesuffix("}") + ', container: "${parameters.container}", field: "${parameters.field}", value: "${parameters.value}"}'
)
PROBE_NUMBERS = ("port", "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold")

_SOURCES: Mapping[str, tuple[int, str]] = {
    "raise-memory-limit": (
        2,
        f"""
name: Raise a memory limit
description: >-
  Raises the memory limit of a container: to at most four times its value or 64Mi, whichever is larger, and never above 64Gi. Its pods are
  replaced one at a time. Use it when the container was killed at its limit and needs more memory. Do not use it for a memory leak, which
  only takes longer to fail.
risk: high
match: {{issueTypes: [OOMKilled]}}
parameters: {_CONTAINER}
  - {{name: limit, type: quantity, required: true, minimum: 4Mi, maximum: 64Gi, description: The new memory limit such as 256Mi}}
steps:
  - name: Raise the limit
    action: setResources
    with:
      kind: ${{parameters.kind}}
      namespace: ${{parameters.namespace}}
      name: ${{parameters.name}}
      container: ${{parameters.container}}
      limits: {{memory: "${{parameters.limit}}"}}
{_bounds("limits.memory", more=f", onlyRaise: true, upTo: {bounds.FREE_MEMORY}")}cooldownSeconds: 300
""",
    ),
    "raise-cpu-limit": (
        1,
        f"""
name: Raise a CPU limit
description: >-
  Raises the CPU limit of a container to at most four times its value, and never above 64 cores. Its pods are replaced one at a time. Use it
  when the container is throttled at its limit. Do not use it when the container has no limit, or when the node itself has no CPU left.
risk: high
match: {{issueTypes: [CPUThrottled]}}
parameters: {_CONTAINER}
  - {{name: limit, type: quantity, required: true, minimum: 10m, maximum: 64, description: The new CPU limit such as 750m}}
steps:
  - name: Raise the limit
    action: setResources
    with:
      kind: ${{parameters.kind}}
      namespace: ${{parameters.namespace}}
      name: ${{parameters.name}}
      container: ${{parameters.container}}
      limits: {{cpu: "${{parameters.limit}}"}}
{_bounds("limits.cpu", more=", onlyRaise: true")}cooldownSeconds: 300
""",
    ),
    "rollback-workload": (
        2,
        """
name: Roll back a workload
description: >-
  Restores the pod template of an earlier revision: the previous one, or the one you choose. Use it when failures began with a rollout. It
  does not restore configuration outside the workload, such as ConfigMaps.
risk: high
match:
  issueTypes:
    - ImagePullBackOff
    - CrashLoopBackOff
    - DeploymentProgressDeadlineExceeded
    - StatefulSetReplicasUnavailable
    - DaemonSetUnavailable
    - CreateContainerConfigError
    - CreateContainerError
    - ReadinessProbeFailed
    - LivenessProbeFailed
parameters:
  - name: kind
    type: enum
    enum: [Deployment, StatefulSet, DaemonSet]
    default: ${target.kind}
    description: Kind of the workload; Deployment without it
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Its namespace}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - name: toRevision
    type: integer
    minimum: 1
    maximum: 1000000000
    description: The revision to go back to; without it the one before this
steps:
  - name: Roll back
    action: rollback
    with:
      kind: ${parameters.kind}
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      toRevision: ${parameters.toRevision}
cooldownSeconds: 300
""",
    ),
    "restart-workload": (
        2,
        f"""
name: Restart a workload
description: >-
  Replaces the pods one at a time, as kubectl rollout restart does. Use it when a process hangs or has read stale configuration. Do not use
  it when the workload fails again after each start, because a restart does not remove the cause.
risk: low
match: {{issueTypes: [CrashLoopBackOff, LivenessProbeFailed, ReadinessProbeFailed, CreateContainerConfigError]}}
parameters: {_WORKLOAD}
steps:
  - {{name: Restart, action: restart, with: {_OBJECT}}}
cooldownSeconds: 300
""",
    ),
    "scale-workload": (
        2,
        """
name: Scale a workload
description: >-
  Sets the number of replicas: 1 to 100, and at most four times the current number. Refused where a HorizontalPodAutoscaler manages the
  replicas. Use it when the pods cannot handle the load, or to take load off a node. Do not use it when the pods fail, because new pods fail
  as well.
risk: low
match: {issueTypes: [FailedScheduling]}
parameters:
  - {name: kind, type: enum, enum: [Deployment, StatefulSet], required: true, default: "${target.kind}", description: Kind of the workload}
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Its namespace}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: replicas, type: integer, required: true, minimum: 1, maximum: 100, description: How many pods there should be}
steps:
  - name: Scale
    action: scale
    with: {kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}", replicas: "${parameters.replicas}"}
"""
        + _bounds("replicas")
        + "cooldownSeconds: 60\n",
    ),
    "delete-pod": (
        1,
        """
name: Delete a stuck pod
description: >-
  Deletes one pod, so that its controller creates a replacement, perhaps on another node. Use it for a pod that is stuck while its siblings
  run. A pod without a controller does not come back.
risk: high
match: {issueTypes: [CrashLoopBackOff, FailedMount, CreateContainerError, ReadinessProbeFailed]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the pod}
  - {name: pod, type: string, required: true, default: "${target.pod}", description: Name of the pod}
steps:
  - {name: Delete the pod, action: deletePod, with: {namespace: "${parameters.namespace}", name: "${parameters.pod}"}}
""",
    ),
    "cordon-node": (
        2,
        """
name: Cordon a node
description: >-
  Marks a node as unschedulable; pods that run on it stay. Use it before you investigate a node that misbehaves. Do not use it when the
  other nodes have no room, because new pods then stay Pending.
risk: low
match: {issueTypes: [NodeNotReady]}
parameters:
  - {name: node, type: string, required: true, default: "${target.node}", description: Name of the node}
steps:
  - {name: Cordon, action: cordon, with: {node: "${parameters.node}"}}
""",
    ),
    "uncordon-node": (
        2,
        """
name: Uncordon a node
description: >-
  Marks a node as schedulable again. Use it when a cordoned node is healthy, or when pods stay Pending because of it. Do not use it while
  somebody works on the node.
risk: low
match: {issueTypes: [FailedScheduling]}
parameters:
  - {name: node, type: string, required: true, default: "${target.node}", description: Name of the node}
steps:
  - {name: Uncordon, action: uncordon, with: {node: "${parameters.node}"}}
""",
    ),
    "fix-image-tag": (
        1,
        f"""
name: Set an image tag
description: >-
  Sets another tag or digest for the image of a container, within the same repository. Use it when the tag does not exist or is the wrong
  version, and you know the right one. Do not use it when the registry denies access.
risk: high
match: {{issueTypes: [ImagePullBackOff, InvalidImageName, ErrImageNeverPull, ImageTagLatest, EOLVersion]}}
parameters: {_CONTAINER}
  - {{name: tag, type: string, pattern: "[A-Za-z0-9_][A-Za-z0-9_.-]*", description: The tag such as 1.4.2}}
  - {{name: digest, type: string, pattern: "sha(256|512):[a-f0-9]+", description: The digest such as sha256:… with or instead of a tag}}
steps:
  - name: Set the image
    action: setImage
    with:
      kind: ${{parameters.kind}}
      namespace: ${{parameters.namespace}}
      name: ${{parameters.name}}
      container: ${{parameters.container}}
      tag: ${{parameters.tag}}
      digest: ${{parameters.digest}}
cooldownSeconds: 60
""",
    ),
    "set-probe": (
        1,
        f"""
name: Change probe settings
description: >-
  Sets the port, a timing or a threshold of an existing probe. Use it when a probe targets the wrong port, or is stricter than the
  application can meet. Do not use it to hide that an application is broken.
risk: high
match: {{issueTypes: [LivenessProbeFailed, ReadinessProbeFailed, StartupProbeFailed, LivenessTooAggressive]}}
parameters: {_CONTAINER}
  - name: field
    type: enum
    enum: [{", ".join(f"{probe}.{name}" for probe in PROBES for name in PROBE_NUMBERS)}]
    required: true
    description: The probe and its field
  - {{name: value, type: integer, required: true, minimum: 0, maximum: 86400, description: The new value}}
steps:
  - name: Change the probe
    action: patch
    with: {_CONTAINER_FIELD}
cooldownSeconds: 60
""",
    ),
    "set-probe-path": (
        1,
        f"""
name: Change the path of an HTTP probe
description: >-
  Sets the HTTP path of an existing probe. Use it when the probe gets 404 because the path changed or was never right. Do not use it when
  the path exists and the application returns an error.
risk: high
match: {{issueTypes: [LivenessProbeFailed, ReadinessProbeFailed, StartupProbeFailed]}}
parameters: {_CONTAINER}
  - {{name: field, type: enum, enum: [{", ".join(f"{probe}.path" for probe in PROBES)}], required: true, description: The probe}}
  - {{name: value, type: string, required: true, pattern: "/.*", description: The new path such as /healthz}}
steps:
  - name: Change the probe
    action: patch
    with: {_CONTAINER_FIELD}
cooldownSeconds: 60
""",
    ),
    "set-service-selector": (
        1,
        """
name: Change a label of a Service selector
description: >-
  Sets the value of one label in the selector of a Service. Use it when exactly one label differs from the labels of the pods. Do not use it
  when the Service selects the right pods and none of them is ready.
risk: high
match: {issueTypes: [ServiceNoEndpoints, ServiceSelectorTooBroad]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Service}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: key, type: string, required: true, description: The key of the label such as app.kubernetes.io/name}
  - {name: value, type: string, required: true, description: Its value on the pods}
steps:
  - name: Set the label
    action: patch
    with:
      kind: Service
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: selector
      key: ${parameters.key}
      value: ${parameters.value}
""",
    ),
    "set-target-port": (
        1,
        """
name: Change the target port of a Service
description: >-
  Sets the port of the pods to which a port of a Service forwards. Use it when the pods listen on another port. Do not use it when nothing
  listens on the new port.
risk: high
match: {issueTypes: [ServiceTargetPortMismatch, ServiceNoEndpoints]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Service}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: port, type: string, required: true, pattern: "[0-9]+(/(TCP|UDP|SCTP))?", description: Port of the Service such as 80 or 53/UDP}
  - {name: targetPort, type: integer, required: true, minimum: 1, maximum: 65535, description: The port on which the pods listen}
steps:
  - name: Set the target port
    action: patch
    with:
      kind: Service
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: targetPort
      key: ${parameters.port}
      value: ${parameters.targetPort}
""",
    ),
    "set-port-protocol": (
        1,
        """
name: Change the protocol of a Service port
description: >-
  Sets the protocol of one port of a Service. Use it when the pods use another protocol on this port. Do not use it for an application that
  needs both TCP and UDP, which takes two ports in the Service.
risk: high
match: {issueTypes: [ServiceTargetPortMismatch, ServiceNoEndpoints]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Service}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: port, type: string, required: true, pattern: "[0-9]+(/(TCP|UDP|SCTP))?", description: Port of the Service such as 80 or 53/UDP}
  - {name: protocol, type: enum, enum: [TCP, UDP, SCTP], required: true, description: The protocol of the pods}
steps:
  - name: Set the protocol
    action: patch
    with:
      kind: Service
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: protocol
      key: ${parameters.port}
      value: ${parameters.protocol}
""",
    ),
    "set-request": (
        1,
        f"""
name: Change a resource request
description: >-
  Sets how much CPU or memory a container requests, at most four times the current value. Its pods are replaced one at a time. Use it when
  no node has the requested amount free, or when an autoscaler needs a request. Do not set it below what the container uses.
risk: high
match: {{issueTypes: [FailedScheduling, HPAScalingInactive]}}
parameters: {_CONTAINER}
  - {{name: field, type: enum, enum: [requests.cpu, requests.memory], required: true, description: Which request}}
  - {{name: value, type: quantity, required: true, minimum: 1m, maximum: 1Ti, description: The new request such as 250m or 256Mi}}
steps:
  - name: Change the request
    action: patch
    with: {_CONTAINER_FIELD}
{_bounds("requests.cpu", "requests.memory")}cooldownSeconds: 60
""",
    ),
    "set-pull-secret": (
        1,
        f"""
name: Add a pull secret
description: >-
  Adds a Secret from the same namespace with which the pods of a workload pull images. Its pods are replaced one at a time. Use it when the
  registry denies access, and other pods pull from it with this Secret. Do not use it when the Secret itself is out of date.
risk: high
match: {{issueTypes: [ImagePullBackOff]}}
parameters: {_WORKLOAD}
  - {{name: secret, type: string, required: true, pattern: "[a-z0-9]([a-z0-9.-]*[a-z0-9])?", description: Name of the Secret}}
steps:
  - name: Add the pull secret
    action: patch
    with: {_PULL_SECRET}
cooldownSeconds: 60
""",
    ),
    "raise-quota": (
        1,
        """
name: Raise a quota
description: >-
  Raises one limit of a ResourceQuota to at most four times its value. Use it when the namespace needs more. Do not use it when the
  workloads request more than they use; lower their requests instead.
risk: high
match: {issueTypes: [ResourceQuotaExceeded, ResourceQuotaAlmostFull]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the quota}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: resource, type: string, required: true, description: The entry such as requests.memory or pods}
  - {name: value, type: quantity, required: true, description: The new amount}
steps:
  - name: Raise the quota
    action: patch
    with:
      kind: ResourceQuota
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: hard
      key: ${parameters.resource}
      value: ${parameters.value}
"""
        + _bounds("hard", more=", onlyRaise: true"),
    ),
    "expand-volume": (
        1,
        """
name: Expand a volume
description: >-
  Requests a larger size for a PersistentVolumeClaim, at most ten times the current one. Its StorageClass must allow expansion, and a volume
  can never be made smaller again. Use it when the data grows. Do not use it when old files can be deleted.
risk: high
match: {issueTypes: [VolumeFillingUp]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the claim}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: size, type: quantity, required: true, minimum: 1Mi, maximum: 64Ti, description: The new size such as 20Gi}
steps:
  - name: Expand the volume
    action: patch
    with:
      kind: PersistentVolumeClaim
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: storage
      value: ${parameters.size}
    bounds:
      - {path: storage, onlyRaise: true, maxFactor: 10}
cooldownSeconds: 300
""",
    ),
    "set-hpa-bounds": (
        1,
        """
name: Change the limits of an autoscaler
description: >-
  Sets the minimum or maximum number of replicas of a HorizontalPodAutoscaler, at most four times the current value. Use it when the load
  needs more pods than the maximum allows. Do not use it when the pods wait for something else, such as a database.
risk: low
match: {issueTypes: [HPAMaxedOut, HPAReplicasMismatch]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the autoscaler}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - {name: bound, type: enum, enum: [minReplicas, maxReplicas], required: true, description: Which bound}
  - {name: replicas, type: integer, required: true, minimum: 1, maximum: 1000, description: The new number of replicas}
steps:
  - name: Set the bound
    action: patch
    with:
      kind: HorizontalPodAutoscaler
      namespace: ${parameters.namespace}
      name: ${parameters.name}
      field: ${parameters.bound}
      value: ${parameters.replicas}
"""
        + _bounds("minReplicas", "maxReplicas"),
    ),
    "rerun-job": (
        1,
        """
name: Run a failed Job again
description: >-
  Creates a copy of a failed Job; the failed one stays. Use it when the cause is gone, such as a dependency that is available again. Do not
  use it when the work must not be done twice, or would fail in the same way.
risk: high
match: {issueTypes: [JobFailed]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Job}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name (the failed run of a CronJob)}
  - {name: ofCronJob, type: boolean, default: false, description: Allow it for a run of a CronJob beside its schedule}
steps:
  - name: Run it again
    action: rerunJob
    with: {namespace: "${parameters.namespace}", name: "${parameters.name}", ofCronJob: "${parameters.ofCronJob}"}
""",
    ),
    "restart-job": (
        1,
        """
name: Restart a stuck Job
description: >-
  Suspends a Job, which deletes its running pods, waits until they are gone, and resumes it, so that new pods start. Completed pods still
  count. Use it when a run is stuck and a new one would succeed, such as after a lost connection. Do not use it when the Job is only slow,
  or when its work must not be done twice.
risk: high
match: {issueTypes: [JobNotCompleted, CronJobMissedSchedule, ConcurrencyForbidLongJobs]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Job}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name (the run of a CronJob that hangs)}
steps:
  - name: Suspend
    action: patch
    with: {kind: Job, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: true}
  - name: Wait until its pods are gone
    action: wait
    timeoutSeconds: 300
    onError: rollback
    with:
      until:
        all:
          - not: {field: object.status.active, is: moreThan, value: 0}
          - not: {field: object.status.terminating, is: moreThan, value: 0}
  - name: Resume
    action: patch
    onError: rollback
    with: {kind: Job, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: false}
""",
    ),
    "suspend-cronjob": (
        1,
        """
name: Suspend a CronJob
description: >-
  Stops the schedule from starting new runs; a run in progress continues. Use it while every run fails. It is not a fix: nothing runs until
  the CronJob is resumed.
risk: low
match: {issueTypes: [JobFailed, ConcurrencyForbidLongJobs]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the CronJob}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - name: Suspend
    action: patch
    with: {kind: CronJob, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: true}
""",
    ),
    "resume-cronjob": (
        1,
        """
name: Resume a CronJob
description: >-
  Lets the schedule start runs again; a missed run that is still within its starting deadline starts immediately. Use it when the reason for
  the suspension is gone. Do not use it while its runs would still fail.
risk: low
match: {issueTypes: [CronJobSuspended]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the CronJob}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - name: Resume
    action: patch
    with: {kind: CronJob, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: false}
""",
    ),
    "evict-pod": (
        1,
        """
name: Evict a pod
description: >-
  Deletes one pod if its PodDisruptionBudgets allow it, so that its controller creates a replacement, perhaps on another node. Use it
  instead of delete-pod when the workload must stay available. A pod without a controller does not come back.
risk: high
match: {issueTypes: [CrashLoopBackOff, FailedMount, CreateContainerError, ReadinessProbeFailed]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the pod}
  - {name: pod, type: string, required: true, default: "${target.pod}", description: Name of the pod}
steps:
  - {name: Evict the pod, action: evict, with: {namespace: "${parameters.namespace}", name: "${parameters.pod}"}}
""",
    ),
    "drain-node": (
        1,
        """
name: Drain a node
description: >-
  Cordons a node and evicts its pods as their PodDisruptionBudgets allow. Use it before a node is repaired, upgraded or replaced. Do not use
  it when the other nodes have no room for the pods. If a budget prevented evictions, run it again later. Run uncordon-node when the node is
  healthy.
risk: destructive
match: {issueTypes: [NodeNotReady, NodeProblem, NodeDiskPressure, NodeRuntimeFault, NodeReadinessFlapping]}
parameters:
  - {name: node, type: string, required: true, default: "${target.node}", description: Name of the node}
  - {name: deleteEmptyDirData, type: boolean, default: false, description: Also evict pods whose emptyDir data is lost}
  - {name: evictBarePods, type: boolean, default: false, description: Also evict pods that no controller replaces}
steps:
  - name: Drain
    action: drain
    with:
      node: ${parameters.node}
      deleteEmptyDirData: ${parameters.deleteEmptyDirData}
      evictBarePods: ${parameters.evictBarePods}
""",
    ),
    "renew-certificate": (
        1,
        """
name: Renew a certificate
description: >-
  Makes cert-manager issue a certificate again immediately, as cmctl renew does. The Secret gets the new certificate; applications that read
  it only at startup need a restart. Use it when a certificate expires soon and was not renewed. Do not use it while its issuer fails, or
  often: public issuers limit how many certificates they issue.
risk: high
match: {issueTypes: [CertificateExpiring]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Certificate}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - {name: Renew, action: renewCertificate, with: {namespace: "${parameters.namespace}", name: "${parameters.name}"}}
cooldownSeconds: 3600
""",
    ),
    "report-finalizers": (
        1,
        """
name: Report what blocks a deletion
description: >-
  Reports which finalizers block the deletion of an object, which controller removes each of them, what would be lost without them, and
  which commands a person would run. Changes nothing. Use it when a deletion hangs. Do not remove a finalizer before you have looked at its
  controller.
risk: readOnly
match: {issueTypes: [StuckFinalizer, NamespaceTerminating, PodStuckTerminating]}
parameters:
  - {name: kind, type: string, required: true, default: "${target.kind}", description: Kind of the object}
  - {name: namespace, type: string, default: "${target.namespace}", description: Its namespace if it has one}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - name: Read the object
    action: get
    optional: true
    with: {kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}"}
  - name: Report
    action: report
    with: {about: stuckFinalizers, kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}"}
""",
    ),
    "report-released-volume": (
        1,
        """
name: Report a released volume
description: >-
  Reports which claim a released PersistentVolume belonged to, what would be lost with it, and which commands a person would run to reuse or
  delete it. Changes nothing. Use it for a volume that was left over, not for one that a claim still uses.
risk: readOnly
match: {issueTypes: [PersistentVolumeReleased]}
parameters:
  - {name: name, type: string, required: true, default: "${target.name}", description: Name of the PersistentVolume}
steps:
  - {name: Read the volume, action: get, optional: true, with: {kind: PersistentVolume, name: "${parameters.name}"}}
  - {name: Report, action: report, with: {about: releasedVolume, kind: PersistentVolume, name: "${parameters.name}"}}
""",
    ),
    "collect-diagnostics": (
        2,
        f"""
name: Collect diagnostics
description: >-
  Reads the object and its events from the cluster as they are now, and keeps them with the execution. Changes nothing. Use it to preserve
  evidence of a failure. Do not use it for a support ticket; download the diagnostics bundle of the issue instead.
risk: readOnly
parameters:
  - name: kind
    type: enum
    enum: [Deployment, StatefulSet, DaemonSet, ReplicaSet, Pod, Job, CronJob, Service, PersistentVolumeClaim]
    required: true
    default: ${{target.kind}}
    description: Kind of the object
  - {{name: namespace, type: string, required: true, default: "${{target.namespace}}", description: Its namespace}}
  - {{name: name, type: string, required: true, default: "${{target.name}}", description: Its name}}
steps:
  - {{name: Read the object, action: get, with: {_OBJECT}}}
  - {{name: Read its events, action: events, optional: true, with: {_OBJECT}}}
""",
    ),
}


@cache
def all_of_them() -> Mapping[str, Builtin]:
    """By id."""
    made = [
        Builtin(id_of(slug), version, definition_reader.read(document.read(f"slug: {slug}{text}")))
        for slug, (version, text) in _SOURCES.items()
    ]
    return {one.id: one for one in made}


def id_of(slug: str) -> str:
    return ids.derive("rbk", "builtin", slug)


SLUGS = frozenset(_SOURCES)
