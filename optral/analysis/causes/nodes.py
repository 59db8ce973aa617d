"""What is wrong with nodes and the control plane."""

from optral.analysis.causes.cause import Cause

CAUSES = (
    # --- node
    Cause(
        "stale_container",
        "A container of the same name is still there",
        "node",
        "The runtime did not remove the container of an earlier try.",
        "The runtime says the name is already in use.",
        "Delete the pod; its controller makes a new one.",
    ),
    Cause(
        "kubelet_unreachable",
        "The node no longer reports",
        "node",
        "Kubelet, network or machine are gone: the control plane hears nothing.",
        "Ready is Unknown, and the node's lease is not renewed.",
        "Look at the machine; cordon it, and replace it if it does not return.",
    ),
    Cause(
        "runtime_not_ready",
        "The node's container runtime does not work",
        "node",
        "The kubelet is there and cannot talk to the runtime.",
        "The Ready condition's message names the runtime or PLEG, or sandboxes fail at its socket.",
        "Restart the runtime on the node.",
    ),
    Cause(
        "network_plugin_not_ready",
        "The node's network plugin is not ready",
        "node",
        "Pods get no network on this node.",
        "The message names CNI or NetworkPluginNotReady; the plugin's pod on the node is looked at.",
        "Mend the plugin's pod on the node.",
    ),
    Cause(
        "node_pressure",
        "The node is out of memory, disk or process ids",
        "node",
        "The kubelet evicts pods and takes no new ones.",
        "A pressure condition is True.",
        "Free what is short, or move load away.",
    ),
    Cause(
        "node_not_ready",
        "The node is not ready",
        "node",
        "The kubelet itself says the node cannot run pods.",
        "The Ready condition is False, for a reason that is none of the others.",
        "Read the message of the condition; cordon the node.",
    ),
    Cause(
        "sandbox_failed",
        "The pod's network sandbox cannot be made",
        "node",
        "The node cannot prepare a network for the pod.",
        "FailedCreatePodSandBox with a message of the network plugin.",
        "Look at the network plugin on that node.",
    ),
    Cause(
        "evicted",
        "The pod was evicted from its node",
        "node",
        "The node ran short of something, or the pod used more than it may.",
        "The pod's reason is Evicted; its message names what was short.",
        "Set requests that tell the truth; look at the node.",
    ),
    # --- control-plane
    Cause(
        "scheduler_unavailable",
        "The scheduler does not work",
        "control-plane",
        "Nothing decides where pods go.",
        "A pod has no PodScheduled condition at all long after it was made.",
        "Look at the kube-scheduler pod of the control plane.",
    ),
)
