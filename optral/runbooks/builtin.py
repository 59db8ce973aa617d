"""The runbooks every organisation has. They are code, so that an upgrade brings their newer versions everywhere at once.

They are read-only; an execution pins the version and keeps the definition it ran with. Change one: raise its version.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from optral.runbooks import definition_reader, document
from optral.runbooks.definition import Definition
from optral.terms import ids


class Builtin(NamedTuple):
    """One runbook that comes with the program; the same id in every organisation."""

    id: str
    version: int
    definition: Definition


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
_OBJECT = '{kind: "${parameters.kind}", namespace: "${parameters.namespace}", name: "${parameters.name}"}'

_SOURCES: Mapping[str, tuple[int, str]] = {
    "raise-memory-limit": (
        1,
        f"""
name: Raise a memory limit
description: >-
  Gives a container more memory than its limit allows now: at most four times as much, and at most 64Gi. Its pods are replaced one after the
  other. Use it when the container was killed at its limit and really needs more; not when it leaks, which only takes longer then.
risk: high
match: {{issueTypes: [OOMKilled]}}
parameters: {_WORKLOAD}
  - {{name: container, type: string, required: true, default: "${{target.container}}", description: The container in its pod template}}
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
    bounds:
      - {{path: limits.memory, onlyRaise: true, maxFactor: 4}}
cooldownSeconds: 300
""",
    ),
    "rollback-workload": (
        1,
        """
name: Roll a Deployment back
description: >-
  Restores the pod template of an earlier revision: the previous one, or the one given. Use it when failures began with a rollout;
  not when configuration outside the Deployment changed, which stays as it is.
risk: high
match:
  issueTypes:
    - ImagePullBackOff
    - CrashLoopBackOff
    - DeploymentProgressDeadlineExceeded
    - CreateContainerConfigError
    - CreateContainerError
    - ReadinessProbeFailed
    - LivenessProbeFailed
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Deployment}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
  - name: toRevision
    type: integer
    minimum: 1
    maximum: 1000000000
    description: The revision to go back to; without it the one before this
steps:
  - name: Roll back
    action: rollback
    with: {kind: Deployment, namespace: "${parameters.namespace}", name: "${parameters.name}", toRevision: "${parameters.toRevision}"}
cooldownSeconds: 300
""",
    ),
    "restart-workload": (
        1,
        f"""
name: Restart a workload
description: >-
  Replaces the pods one after the other, as kubectl rollout restart does. Use it when a process hangs or read stale configuration; it fixes
  no cause.
risk: low
match: {{issueTypes: [CrashLoopBackOff, LivenessProbeFailed, ReadinessProbeFailed, CreateContainerConfigError]}}
parameters: {_WORKLOAD}
steps:
  - {{name: Restart, action: restart, with: {_OBJECT}}}
cooldownSeconds: 300
""",
    ),
    "scale-workload": (
        1,
        """
name: Scale a workload
description: >-
  Sets the number of replicas, 1 to 100 and at most four times what it is. Refused where a HorizontalPodAutoscaler does that. Use it for
  more load than the pods take, or to take load off a node.
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
    bounds:
      - {path: replicas, maxFactor: 4}
cooldownSeconds: 60
""",
    ),
    "delete-pod": (
        1,
        """
name: Delete a stuck pod
description: >-
  Deletes one pod, so that its controller makes a new one, perhaps on another node. Use it for a pod that is stuck while its siblings run; a
  pod without a controller does not come back.
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
        1,
        """
name: Cordon a node
description: Keeps new pods off a node; those that run there stay. Use it before looking into a node that behaves badly.
risk: low
match: {issueTypes: [NodeNotReady]}
parameters:
  - {name: node, type: string, required: true, default: "${target.node}", description: Name of the node}
steps:
  - {name: Cordon, action: cordon, with: {node: "${parameters.node}"}}
""",
    ),
    "uncordon-node": (
        1,
        """
name: Uncordon a node
description: Lets new pods onto a node again. Use it when a node that was cordoned is well, or when pods wait because of it.
risk: low
match: {issueTypes: [FailedScheduling]}
parameters:
  - {name: node, type: string, required: true, default: "${target.node}", description: Name of the node}
steps:
  - {name: Uncordon, action: uncordon, with: {node: "${parameters.node}"}}
""",
    ),
    "collect-diagnostics": (
        1,
        f"""
name: Collect diagnostics
description: Reads the object and its events from the cluster as they are now, and keeps them with the execution. Changes nothing.
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
