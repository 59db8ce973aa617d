"""Runbooks that change the pod template or the replicas of a workload."""

from optral.runbooks.builtin.texts.pieces import CONTAINER, CONTAINER_FIELD, OBJECT, WORKLOAD, Texts, bounds_of
from optral.terms import bounds
from optral.terms.fields import PROBES

PULL_SECRET = OBJECT.removesuffix("}") + ', field: imagePullSecret, value: "${parameters.secret}"}'
PROBE_NUMBERS = ("port", "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold")

TEXTS: Texts = {
    "raise-memory-limit": (
        2,
        f"""
name: Raise a memory limit
description: >-
  Raises the memory limit of a container: to at most four times its value or 64Mi, whichever is larger, and never above 64Gi. Its pods are
  replaced one at a time. Use it when the container was killed at its limit and needs more memory. Do not use it for a memory leak, which
  only takes longer to fail.
match: {{issueTypes: [OOMKilled]}}
parameters: {CONTAINER}
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
{bounds_of("limits.memory", more=f", onlyRaise: true, upTo: {bounds.FREE_MEMORY}")}cooldownSeconds: 300
""",
    ),
    "raise-cpu-limit": (
        1,
        f"""
name: Raise a CPU limit
description: >-
  Raises the CPU limit of a container to at most four times its value, and never above 64 cores. Its pods are replaced one at a time. Use it
  when the container is throttled at its limit. Do not use it when the container has no limit, or when the node itself has no CPU left.
match: {{issueTypes: [CPUThrottled]}}
parameters: {CONTAINER}
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
{bounds_of("limits.cpu", more=", onlyRaise: true")}cooldownSeconds: 300
""",
    ),
    "set-request": (
        1,
        f"""
name: Change a resource request
description: >-
  Sets how much CPU or memory a container requests, at most four times the current value. Its pods are replaced one at a time. Use it when
  no node has the requested amount free, or when an autoscaler needs a request. Do not set it below what the container uses.
match: {{issueTypes: [FailedScheduling, HPAScalingInactive]}}
parameters: {CONTAINER}
  - {{name: field, type: enum, enum: [requests.cpu, requests.memory], required: true, description: Which request}}
  - {{name: value, type: quantity, required: true, minimum: 1m, maximum: 1Ti, description: The new request such as 250m or 256Mi}}
steps:
  - name: Change the request
    action: patch
    with: {CONTAINER_FIELD}
{bounds_of("requests.cpu", "requests.memory")}cooldownSeconds: 60
""",
    ),
    "rollback-workload": (
        2,
        """
name: Roll back a workload
description: >-
  Restores the pod template of an earlier revision: the previous one, or the one you choose. Use it when failures began with a rollout. It
  does not restore configuration outside the workload, such as ConfigMaps.
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
match: {{issueTypes: [CrashLoopBackOff, LivenessProbeFailed, ReadinessProbeFailed, CreateContainerConfigError]}}
parameters: {WORKLOAD}
steps:
  - {{name: Restart, action: restart, with: {OBJECT}}}
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
        + bounds_of("replicas")
        + "cooldownSeconds: 60\n",
    ),
    "set-hpa-bounds": (
        1,
        """
name: Change the limits of an autoscaler
description: >-
  Sets the minimum or maximum number of replicas of a HorizontalPodAutoscaler, at most four times the current value. Use it when the load
  needs more pods than the maximum allows. Do not use it when the pods wait for something else, such as a database.
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
        + bounds_of("minReplicas", "maxReplicas"),
    ),
    "fix-image-tag": (
        1,
        f"""
name: Set an image tag
description: >-
  Sets another tag or digest for the image of a container, within the same repository. Use it when the tag does not exist or is the wrong
  version, and you know the right one. Do not use it when the registry denies access.
match: {{issueTypes: [ImagePullBackOff, InvalidImageName, ErrImageNeverPull, ImageTagLatest, EOLVersion]}}
parameters: {CONTAINER}
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
    "set-pull-secret": (
        1,
        f"""
name: Add a pull secret
description: >-
  Adds a Secret from the same namespace with which the pods of a workload pull images. Its pods are replaced one at a time. Use it when the
  registry denies access, and other pods pull from it with this Secret. Do not use it when the Secret itself is out of date.
match: {{issueTypes: [ImagePullBackOff]}}
parameters: {WORKLOAD}
  - {{name: secret, type: string, required: true, pattern: "[a-z0-9]([a-z0-9.-]*[a-z0-9])?", description: Name of the Secret}}
steps:
  - name: Add the pull secret
    action: patch
    with: {PULL_SECRET}
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
match: {{issueTypes: [LivenessProbeFailed, ReadinessProbeFailed, StartupProbeFailed, LivenessTooAggressive]}}
parameters: {CONTAINER}
  - name: field
    type: enum
    enum: [{", ".join(f"{probe}.{name}" for probe in PROBES for name in PROBE_NUMBERS)}]
    required: true
    description: The probe and its field
  - {{name: value, type: integer, required: true, minimum: 0, maximum: 86400, description: The new value}}
steps:
  - name: Change the probe
    action: patch
    with: {CONTAINER_FIELD}
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
match: {{issueTypes: [LivenessProbeFailed, ReadinessProbeFailed, StartupProbeFailed]}}
parameters: {CONTAINER}
  - {{name: field, type: enum, enum: [{", ".join(f"{probe}.path" for probe in PROBES)}], required: true, description: The probe}}
  - {{name: value, type: string, required: true, pattern: "/.*", description: The new path such as /healthz}}
steps:
  - name: Change the probe
    action: patch
    with: {CONTAINER_FIELD}
cooldownSeconds: 60
""",
    ),
}
