"""Why requests take long."""

from functools import partial

from optral.analysis.causes.cause import Cause

_PROMETHEUS = "Durations in the organization's own Prometheus, whose series are proven to be about these pods"
_requests = partial(Cause, "requests")

CAUSES = (
    _requests(
        "slow_new_version",
        "The new version answers more slowly",
        "Requests take longer in the pods of the newest revision than in those of the revision before.",
        f"{_PROMETHEUS}, of the pods of both revisions, or from before and after the rollout.",
        "Roll back, and profile what the new version does in each request.",
        ("current", "previous"),
    ),
    _requests(
        "slow_on_one_node",
        "Only the pods on one node answer slowly",
        "Pods of the same workload on other nodes answer as fast as usual, so the node or its network is at fault.",
        f"{_PROMETHEUS}, compared by the nodes that the pods run on.",
        "Cordon the node, delete the pods there so that they start elsewhere, and look at its CPU, disk and network.",
        ("node", "current", "previous"),
    ),
    _requests(
        "segments_sent_again",
        "A node sends many TCP segments again",
        "Packets between this node and others are lost, so that connections wait until they are sent again.",
        "node-exporter's counters of TCP segments that were sent, and sent again.",
        "Check the network interface of the node, its cables or the host that it runs on, and the MTU of the pod network.",
        ("node", "share"),
    ),
    _requests(
        "slow_network_of_pods",
        "The network of its pods is slow",
        "Its pods answer fewer requests and send at least as many packets as before, while their CPU and nodes are as usual.",
        f"{_PROMETHEUS}, and cAdvisor's counters of packets, now and an hour before.",
        "Check what delays their traffic: traffic control on their interfaces, a proxy beside them, the CNI, network policies.",
        ("current", "previous"),
    ),
    _requests(
        "more_requests_than_it_can_serve",
        "More requests arrive than the workload serves in time",
        "The number of requests rose together with their duration, while what the workload calls is as fast as usual.",
        f"{_PROMETHEUS}: requests per second and durations before and since.",
        "Add replicas, or let a HorizontalPodAutoscaler do it; then find out where the requests come from.",
        ("current", "previous"),
    ),
    _requests(
        "slow_itself",
        "The workload itself is slow",
        "Its requests take longer than usual, and nothing that it calls does.",
        f"{_PROMETHEUS}, of the workload and of all that its template calls.",
        "Look for locks, garbage collection, a full pool of connections or threads, or a data set that grew; a profile shows which.",
        ("current", "previous"),
    ),
)
