"""Runbooks for single pods and for the nodes that they run on."""

from optral.runbooks.builtin.texts.pieces import Texts

TEXTS: Texts = {
    "delete-pod": (
        1,
        """
name: Delete a stuck pod
description: >-
  Deletes one pod, so that its controller creates a replacement, perhaps on another node. Use it for a pod that is stuck while its siblings
  run. A pod without a controller does not come back.
match: {issueTypes: [CrashLoopBackOff, FailedMount, CreateContainerError, ReadinessProbeFailed]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the pod}
  - {name: pod, type: string, required: true, default: "${target.pod}", description: Name of the pod}
steps:
  - {name: Delete the pod, action: deletePod, with: {namespace: "${parameters.namespace}", name: "${parameters.pod}"}}
""",
    ),
    "evict-pod": (
        1,
        """
name: Evict a pod
description: >-
  Deletes one pod if its PodDisruptionBudgets allow it, so that its controller creates a replacement, perhaps on another node. Use it
  instead of delete-pod when the workload must stay available. A pod without a controller does not come back.
match: {issueTypes: [CrashLoopBackOff, FailedMount, CreateContainerError, ReadinessProbeFailed]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the pod}
  - {name: pod, type: string, required: true, default: "${target.pod}", description: Name of the pod}
steps:
  - {name: Evict the pod, action: evict, with: {namespace: "${parameters.namespace}", name: "${parameters.pod}"}}
""",
    ),
    "cordon-node": (
        2,
        """
name: Cordon a node
description: >-
  Marks a node as unschedulable; pods that run on it stay. Use it before you investigate a node that misbehaves. Do not use it when the
  other nodes have no room, because new pods then stay Pending.
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
match: {issueTypes: [FailedScheduling]}
parameters:
  - {name: node, type: string, required: true, default: "${target.node}", description: Name of the node}
steps:
  - {name: Uncordon, action: uncordon, with: {node: "${parameters.node}"}}
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
}
