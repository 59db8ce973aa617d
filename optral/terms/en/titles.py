"""The titles of issues, by type, as an alert would say them: the object first, then what is broken, then the fact.

`what` says in one sentence what the type is about; the other entries are the titles of its issues. `object` is `Kind namespace/name`.
Titles are the same from one examination to the next and for each replica: no count that grows, no name of a pod that will be replaced.
Constants in capitals are reasons, by the value that names them; they follow a colon, so they begin in lower case.
"""

from collections.abc import Mapping

from optral.terms.template import Phrase, Template

# --- containers


class OOMKilled:
    what = "A container or node ran out of memory"
    at_limit = Template("{object} was OOM-killed: container {container} exceeded its memory limit of {limit}")
    of_node = Template("{object} was OOM-killed: the node of container {container} ran out of memory (limit {limit})")
    of_node_unlimited = Template("{object} was OOM-killed: the node of container {container} ran out of memory (no limit)")
    node = Template("{object} ran out of memory")
    node_victims = Template("{object} ran out of memory: the kernel killed {processes}")
    too_low = Template("{object} cannot start: the memory limit of {limit} is too low for container {container}")
    too_low_unknown = Template("{object} cannot start: the memory limit of container {container} is too low")


class CreateContainerConfigError:
    what = "The kubelet cannot build the configuration of a container"
    key_missing = Template("{object} cannot start container {container}: {kind} {name} has no key {key}")
    missing = Template("{object} cannot start container {container}: {kind} {name} does not exist")
    invalid = Template("{object} cannot start container {container}: its configuration is invalid")
    refused = Template("{object} cannot start container {container}: {why}")


AS_ROOT: Mapping[str, Phrase] = {
    "IMAGE": Phrase("it must run as non-root, but its image runs as root"),
    "USER": Phrase("it must run as non-root, but its runAsUser is 0"),
    "NAME": Phrase("it must run as non-root, but the user of its image is a name, which the kubelet cannot verify"),
}


class CreateContainerError:
    what = "The container runtime cannot create a container"
    failed = Template("{object} cannot create container {container}: {why}")


class RunContainerError:
    what = "The container runtime cannot start a container"
    failed = Template("{object} cannot start container {container}: {why}")


class LifecycleHookFailed:
    what = "A postStart or preStop hook failed"
    failed = Template("{object} has a failing {hook} hook in container {container}")


class InvalidImageName:
    what = "The name of an image is invalid"
    failed = Template("{object} cannot start container {container}: {image} is not a valid image name")


class ErrImageNeverPull:
    what = "An image is not on the node and the pull policy is Never"
    failed = Template("{object} cannot start container {container}: {image} is not on the node, and its pull policy is Never")


class ImageInspectError:
    what = "The container runtime cannot inspect an image"
    failed = Template("{object} cannot start container {container}: {image} cannot be read on the node")


class ImagePullBackOff:
    what = "An image cannot be pulled"
    failed = Template("{object} cannot pull {image}: {why}")


class LivenessProbeFailed:
    what = "The kubelet restarts a container because its liveness probe fails"
    killed = Template("{object} keeps restarting: the liveness probe of container {container} fails")
    cannot_run = Template("{object} is not monitored: the liveness probe of container {container} cannot run")


class StartupProbeFailed:
    what = "The kubelet restarts a container because its startup probe fails"
    killed = Template("{object} cannot start: container {container} is killed because its startup probe fails")
    cannot_run = Template("{object} cannot start: the startup probe of container {container} cannot run")


class CrashLoopBackOff:
    what = "A container exits repeatedly"
    exits = Template("{object} is crash-looping: container {container} exits with {code}")
    keeps_exiting = Template("{object} is crash-looping: container {container} keeps exiting")


class InitContainerStuck:
    what = "An init container does not finish"
    stuck = Template("{object} cannot start: init container {container} does not finish")


class ReadinessProbeFailed:
    what = "A container gets no traffic because its readiness probe fails"
    failed = Template("{object} is not ready: the readiness probe of container {container} fails")


class FrequentRestarts:
    what = "A container restarts too often"
    often = Template("{object} restarts too often: container {container} keeps exiting")


class MemoryNearLimit:
    what = "A container uses almost all of its memory limit"
    near = Template("{object} is close to its memory limit: container {container} uses almost all of it")


class CPUThrottled:
    what = "A container is throttled at its CPU limit"
    throttled = Template("{object} is CPU-throttled: container {container} has reached its limit")


# --- what containers log

SOME_SERVER = "a server that it calls"


class ContainerMisconfigured:
    what = "A running container reports that a setting or file is missing or invalid"
    reported = Template("{object} reports a configuration error (container {container})")
    named = Template("{object} reports a configuration error: {name} (container {container})")


class KubernetesAccessDenied:
    what = "A container may not read or change what it needs in the Kubernetes API"
    denied = Template("{object} is denied access by the Kubernetes API (container {container})")


class CertificateRejected:
    what = "TLS connections of a container fail because a certificate is not accepted"
    rejected = Template("{object} cannot verify the TLS certificate of {server} (container {container})")
    held = Template("{object} cannot verify the TLS certificate of {server} in Secret {secrets} (container {container})")


class CredentialsRejected:
    what = "A server refuses the credentials of a container"
    refused = Template("{object} is refused by {server}: wrong credentials or missing permissions (container {container})")


class SchemaMissing:
    what = "A database, table or topic that a container uses does not exist"
    differs = Template("{object} and the data in {server} do not match in version or settings (container {container})")
    missing = Template("{object} uses {kind} {name}, which does not exist (container {container})")
    unnamed = Template("{object} uses a database, table or topic that does not exist (container {container})")


class DependencyOverloaded:
    what = "A server that a container calls reports that it has no capacity or accepts no writes"
    refused = Template("{object} cannot use {server}, which {why} (container {container})")
    itself = Template("{object} {why} (container {container})")


REFUSALS: Mapping[str, Phrase] = {
    "frozen": Phrase("accepts no writes"),
    "full": Phrase("accepts no more connections"),
    "memory": Phrase("has reached its memory limit"),
    "quorum": Phrase("has no leader, or too few members"),
    "rate": Phrase("limits the rate of requests"),
    "starting": Phrase("is not ready to serve"),
}
"""What a server that answers reports of itself, by log sign."""


class DependencyUnreachable:
    what = "A container cannot resolve or reach what it calls"
    unresolved = Template("{object} cannot resolve {host} (container {container})")
    unreachable = Template("{object} cannot connect to {server} (container {container})")
    protocol = Template("{object} and {server} use different protocols (container {container})")


class ContainerExhausted:
    what = "A running container reports that its disk, memory, files or workers are used up"
    exhausted = Template("{object} {why} (container {container})")


EXHAUSTED: Mapping[str, Phrase] = {
    "alarm": Phrase("has reached its disk or memory limit and blocks writers"),
    "descriptors": Phrase("has no open files left"),
    "disk": Phrase("has no disk space left"),
    "heap": Phrase("has used up its own heap"),
    "kernel": Phrase("has reached a kernel limit"),
    "killed": Phrase("has no memory left: a child process was killed"),
    "workers": Phrase("has no free workers"),
}
"""What a container has used up, by log sign."""


class DependencyFailing:
    what = "A server that a container calls answers with errors"
    failing = Template("{object} gets errors from {server} (container {container})")


class RequestsFailing:
    what = "A container answers many of its requests with server errors"
    errors = Template("{object} answers requests with server errors (container {container})")
    slow = Template("{object} stops workers whose requests take too long (container {container})")


# --- pods


PODS_OF = Phrase("Pods of {object}")
PODS_ON = Phrase("Pods on {object}")


class FailedScheduling:
    what = "No node can take a pod"
    blocked = Template("{pods} cannot be scheduled: {why}")
    no_reason = Template("{pods} cannot be scheduled: the scheduler gives no reason")


BLOCKERS: Mapping[str, Phrase] = {
    "insufficient": Phrase("{count} {count:node does|nodes do} not have enough {name}"),
    "tooManyPods": Phrase("{count} {count:node has reached its|nodes have reached their} maximum number of pods"),
    "taint": Phrase("{count} {count:node has|nodes have} the untolerated taint {name}"),
    "nodeSelector": Phrase("{count} {count:node does|nodes do} not match the node selector or affinity"),
    "antiAffinity": Phrase("{count} {count:node is|nodes are} ruled out by anti-affinity"),
    "podAffinity": Phrase("{count} {count:node does|nodes do} not meet the pod affinity"),
    "topologySpread": Phrase("{count} {count:node|nodes} would violate the topology spread constraints"),
    "cordoned": Phrase("{count} {count:node is|nodes are} cordoned"),
    "volumeNodeAffinity": Phrase("{count} {count:node|nodes} cannot use the volume"),
    "volumeMissing": Phrase("{count} {count:node has|nodes have} no available volume to bind"),
    "volumeCount": Phrase("{count} {count:node|nodes} cannot attach more volumes"),
    "hostPort": Phrase("{count} {count:node has|nodes have} no free host port"),
    "nodeGone": Phrase("{count} {count:node is|nodes are} missing or not ready"),
    "other": Phrase("{count} {count:node|nodes}: {text}"),
}
"""What excludes nodes, by the value of the blocker, where the scheduler counts them."""
TAINTED = Phrase("{count} {count:node has|nodes have} an untolerated taint")
UNCOUNTED: Mapping[str, Phrase] = {
    "claimNotFound": Phrase("PVC {name} does not exist"),
    "claimUnbound": Phrase("a PVC is not bound"),
    "noNodes": Phrase("the cluster has no nodes"),
}
"""What keeps a pod from every node."""


class SchedulerUnavailable:
    what = "No scheduler picks up new pods"
    down = Template("Scheduler {name} is not running: new pods are not scheduled")


class SchedulingGated:
    what = "A scheduling gate keeps a pod from being scheduled"
    gated = Template("{pods} cannot be scheduled: scheduling gate {gate} remains")


class Preempted:
    what = "A pod was preempted by a pod with a higher priority"
    preempted = Template("{pods} {pods:was|were} preempted by pods with a higher priority")


class FailedAttachVolume:
    what = "A volume cannot be attached to a node"
    claim = Template("{object} cannot be attached to the node")
    claim_elsewhere = Template("{object} cannot be attached: it is still attached to another node")
    volume = Template("{object} cannot attach a volume to the node")
    volume_elsewhere = Template("{object} cannot attach a volume: it is still attached to another node")


class FailedMount:
    what = "A volume cannot be mounted"
    key_missing = Template("{object} cannot mount {volume}: {kind} {name} has no key {key}")
    key_missing_unnamed = Template("{object} cannot mount {volume}: its {kind} has no key {key}")
    missing = Template("{object} cannot mount {volume}: {kind} {name} does not exist")
    failed = Template("{object} cannot mount {volume}")
    reported = Template("{object} cannot mount a volume: {message}")


VOLUME = Phrase("volume {name}")
SOME_VOLUME = "a volume"


class FailedCreatePodSandBox:
    what = "The sandbox or network of a pod cannot be set up"
    of_workload = Template("{pods} cannot start: {why}")
    on_node = Template("{object} cannot start pods: {why}")


class Evicted:
    what = "A node evicted a pod"
    by_node = Template("{object} is evicting pods: it is short of {resource}")
    over_limit = Template("{pods} {pods:was|were} evicted for exceeding the local storage limit")
    short = Template("{pods} {pods:was|were} evicted because the node ran short of resources")


SHORT_OF: Mapping[str, str] = {
    "MemoryPressure": "memory",
    "DiskPressure": "disk space",
    "PIDPressure": "process IDs",
    "": "resources",
}
"""What a node that evicts pods runs short of, by its condition."""


class PodFailed:
    what = "A pod failed"
    failed = Template("{pods} failed: {why}")


class PodStuckTerminating:
    what = "A deleted pod does not terminate"
    stuck = Template("{pods} {pods:is|are} stuck terminating: {why}")
    finalizers = Template("{pods} {pods:is|are} stuck terminating: {finalizers} {finalizers:remains|remain}")


NOT_TERMINATED: Mapping[str, Phrase] = {
    "nodeDown": Phrase("the node has stopped reporting"),
    "nodeGone": Phrase("the node no longer exists"),
    "killFails": Phrase("the node cannot stop the containers"),
    "containersRun": Phrase("containers are still running"),
    "unknown": Phrase("the reason is unknown"),
}
FINALIZERS = Phrase("{count:finalizer|finalizers} {names}")


class PodResizeInfeasible:
    what = "A pod cannot be resized in place"
    never = Template("{pods} cannot be resized in place: the node can never provide these resources")
    deferred = Template("{pods} cannot be resized in place: the node does not have enough free resources")


class PodNotReady:
    what = "A pod is not ready, and no other type explains why"
    waiting = Template("{pods} {pods:is|are} not ready: containers are waiting ({reasons})")
    gates = Template("{pods} {pods:is|are} not ready: readiness gates are not met ({gates})")
    node_missing = Template("{pods} cannot start: node {node} does not exist")
    not_started = Template("{pods} {pods:does|do} not start")
    node_silent = Template("{pods} {pods:is|are} not ready: the node has stopped reporting")
    unknown = Template("{pods} {pods:is|are} not ready for an unknown reason")


# --- workloads


class DeploymentProgressDeadlineExceeded:
    what = "A rollout exceeded its progress deadline"
    stuck = Template("{object} is stuck rolling out: no progress for {duration}")


class DeploymentReplicasUnavailable:
    what = "A Deployment has fewer available replicas than it needs"
    unavailable = Template("{object} has unavailable replicas")


class StatefulSetReplicasUnavailable:
    what = "A StatefulSet has fewer ready replicas than it needs"
    unavailable = Template("{object} has unavailable replicas")


class FailedCreate:
    what = "A controller cannot create pods"
    rejected = Template("{object} cannot create pods: {why}")


REJECTIONS: Mapping[str, Phrase] = {
    "quotaExceeded": Phrase("quota {name} is exhausted"),
    "limitsRequired": Phrase("quota {name} requires requests or limits that they do not set"),
    "limitRange": Phrase("a LimitRange does not allow their requests or limits"),
    "serviceAccountMissing": Phrase("ServiceAccount {name} does not exist"),
    "podSecurity": Phrase("Pod Security level {name} forbids them"),
    "webhookFailed": Phrase("admission webhook {name} does not respond"),
    "webhookDenied": Phrase("admission webhook {name} denies them"),
    "policyDenied": Phrase("ValidatingAdmissionPolicy {name} denies them"),
    "namespaceTerminating": Phrase("the namespace is being deleted"),
    "priorityClassMissing": Phrase("PriorityClass {name} does not exist"),
    "runtimeClassMissing": Phrase("RuntimeClass {name} does not exist"),
    "invalid": Phrase("the pod template is invalid"),
    "forbidden": Phrase("the API server forbids them"),
}
"""Why the API server rejects pods, by the kind of the rejection."""


class StatefulSetUpdateStuck:
    what = "The rolling update of a StatefulSet is stuck"
    stuck = Template("{object} is stuck in a rolling update")


class DaemonSetUnavailable:
    what = "A DaemonSet has no available pod on some nodes"
    unavailable = Template("{object} has no available pod on some of its nodes")


class DaemonSetMisscheduled:
    what = "A DaemonSet runs on nodes that it does not select"
    misscheduled = Template("{object} runs on nodes that it does not select")


class GenerationMismatch:
    what = "A controller has not processed the latest change of a workload"
    behind = Template("{object} is not being updated: its controller has not processed the latest change")


class ScaledToZero:
    what = "A workload that others depend on is scaled to zero"
    in_use = Template("{object} is scaled to zero but still in use")


class DeploymentPaused:
    what = "A Deployment has been paused for a long time"
    paused = Template("{object} is paused: changes are not rolled out")


class JobFailed:
    what = "A Job failed"
    failed = Template("{object} failed: {why}")
    run_failed = Template("{object} has a failed run: {why}")


JOB_FAILURES: Mapping[str, Phrase] = {
    "BackoffLimitExceeded": Phrase("it reached its backoff limit"),
    "DeadlineExceeded": Phrase("it exceeded its deadline"),
    "PodFailurePolicy": Phrase("its pod failure policy ended it"),
    "MaxFailedIndexesExceeded": Phrase("too many of its indexes failed"),
    "FailedIndexes": Phrase("some of its indexes failed"),
    "": Phrase("no reason given"),
}


class JobNotCompleted:
    what = "A Job runs much longer than expected"
    long = Template("{object} is running much longer than expected")
    long_run = Template("{object} has a run that takes much longer than expected")
    holding = Template("{object} has a run that does not finish and holds up the next one")


class CronJobMissedSchedule:
    what = "A CronJob missed a scheduled run"
    missed = Template("{object} missed its schedule")


class CronJobInvalidSchedule:
    what = "The schedule or time zone of a CronJob is invalid"
    never = Template("{object} will never run: {why}")


SCHEDULE_FAULTS: Mapping[str, Phrase] = {
    "unreadable": Phrase("its schedule is invalid ({detail})"),
    "unknownZone": Phrase("its time zone {detail} is unknown"),
    "neverOccurs": Phrase("the date in its schedule never occurs"),
}


class CronJobSuspended:
    what = "A CronJob or Job has been suspended for a long time"
    suspended = Template("{object} has been suspended for a week")


class WorkloadSlow:
    what = "The requests of a workload take longer than usual"
    slow = Template("{object} is slow: requests take longer than usual")


# --- nodes and the control plane


class NodeNotReady:
    what = "A node is not ready"
    silent = Template("{object} has stopped reporting its status")
    not_ready = Template("{object} is not ready ({reason})")
    no_reason = Template("{object} is not ready")


class Pressure:
    what: str
    low: Template


class NodeMemoryPressure(Pressure):
    what = "A node is low on memory"
    low = Template("{object} is low on memory")


class NodeDiskPressure(Pressure):
    what = "A node is low on disk space"
    low = Template("{object} is low on disk space")


class NodePIDPressure(Pressure):
    what = "A node is low on process IDs"
    low = Template("{object} is low on process IDs")


class NodeNetworkUnavailable:
    what = "The network of a node is not set up"
    down = Template("{object} has no pod network")


class NodeRuntimeFault:
    what = "The kubelet or container runtime of a node fails"
    failing = Template("{object} has a failing container runtime")


class NodeProblem:
    what = "The kernel or hardware of a node reports a problem"
    condition = Template("{object} reports a problem: {condition} is {status}")
    event = Template("{object} keeps reporting a problem: {reason}")


class NodeReadinessFlapping:
    what = "A node alternates between ready and not ready"
    flapping = Template("{object} alternates between ready and not ready")


class NodeSaturated:
    what = "A node has no CPU or memory left"
    full = Template("{object} is out of {resources}")


class NodePodCapacity:
    what = "A node has almost reached its maximum number of pods"
    full = Template("{object} has almost reached its maximum number of pods")


class ClusterOvercommit:
    what = "The cluster cannot hold its pods if one node is lost"
    overcommitted = Template("Cluster cannot lose its largest node: the {resource} requests of all pods would not fit")


class VersionSkew:
    what = "The kubelet versions of the nodes differ too much"
    behind = Template("{object} runs kubelet {version}, but other nodes run {newest}")


class NodeCordoned:
    what = "A node has been cordoned for a long time"
    cordoned = Template("{object} is cordoned")
    awaited = Template("{object} is cordoned, and pods of {workload} wait for it")


class ControlPlaneUnhealthy:
    what = "A control plane component is unhealthy"
    not_ready = Template("Control plane is unhealthy: {component} on node {node} is not ready")
    expired = Template("Control plane is unhealthy: {component} is not running (its Lease has expired)")


class ClusterDNSUnavailable:
    what = "Cluster DNS has no ready endpoint"
    down = Template("Cluster DNS is down: none of its pods is ready")


class APIServiceUnavailable:
    what = "An aggregated API is unavailable"
    unavailable = Template("API {name} is unavailable ({reason})")
    no_reason = Template("API {name} is unavailable")


# --- storage


class PersistentVolumeClaimPending:
    what = "A PersistentVolumeClaim is not bound"
    no_volume = Template("{object} is pending: no free volume of class {storage_class} fits")
    class_missing = Template("{object} is pending: StorageClass {storage_class} does not exist")
    reported = Template("{object} is pending: {message}")
    unbound = Template("{object} is pending")


class PersistentVolumeClaimNotFound:
    what = "A pod mounts a PersistentVolumeClaim that does not exist"
    missing = Template("{pods} cannot start: PVC {claim} does not exist")


class PersistentVolumeClaimLost:
    what = "A PersistentVolumeClaim lost its volume"
    lost = Template("{object} has lost its volume")
    lost_named = Template("{object} has lost its volume {volume}")


class PersistentVolumeFailed:
    what = "A PersistentVolume cannot be reclaimed"
    undeletable = Template("{object} cannot be deleted{detail}")
    failed = Template("{object} has failed{detail}")
    unavailable = Template("{object} does not become available{detail}")


class PersistentVolumeReleased:
    what = "A released PersistentVolume still holds its data"
    released = Template("{object} is released but still holds its data")


class VolumeResizeFailed:
    what = "A volume cannot be resized"
    reported = Template("{object} cannot be resized: {message}")
    waits = Template("{object} is not resized yet: the file system grows when the pod restarts")


class VolumeFillingUp:
    what = "A volume is full or fills up"
    no_space = Template("{object} has almost no space left")
    no_inodes = Template("{object} has almost no inodes left")
    soon = Template("{object} will soon be full")
    full = Template("{object} has a full volume")


# --- network


class ServiceNoEndpoints:
    what = "A Service has no ready endpoint"
    selector = Template("{object} has no endpoints: it selects {wanted}, but the pods have {found}")
    selector_missing = Template("{object} has no endpoints: it selects {wanted}, but the pods have no label {key}")
    ports = Template("{object} has no endpoints: its pods are ready, but do not have its target port")
    not_ready = Template("{object} has no endpoints: none of its pods is ready")
    no_pods = Template("{object} has no endpoints: its pods do not exist")
    no_match = Template("{object} has no endpoints: no pod has the labels that it selects")


class ServiceEndpointsStale:
    what = "A Service without a selector sends to addresses that no pod has any more"
    pod_gone = Template("{object} sends traffic to {address}, the address of a pod that no longer exists")
    unused = Template("{object} sends traffic to {address}, which is in the pod range of node {node} but belongs to no pod")


class ServiceTargetPortMismatch:
    what = "A Service forwards to a port that no container exposes"
    wrong = Template("{object} is misrouted: {why}")


PORT_MISMATCHES: Mapping[str, Phrase] = {
    "callersUseAnother": Phrase("its callers use port {port}, but it has {offered}"),
    "protocol": Phrase("port {port} is {protocol}, but port {target} of its pods is {other}"),
    "nameMissing": Phrase("its pods have no port named {target}"),
    "undeclared": Phrase("port {port} forwards to {target}, but its pods listen on {other}"),
    "localOnly": Phrase("port {port} forwards to {target}, but its pods listen only on localhost ({setting} is {value})"),
    "refused": Phrase("port {port} forwards to {target} of its pods, where connections are refused"),
}
NEAR_PORT = Phrase("its pods have no port named {target}, but one named {near}")
REFUSED_ELSEWHERE = Phrase("port {port} forwards to {target} of its pods, where connections are refused; they listen on {other}")
OFFERED_PORTS = Phrase("only {count:port|ports} {ports}")


class ServiceSelectorTooBroad:
    what = "A Service selects the pods of unrelated workloads"
    broad = Template("{object} also sends traffic to {stranger}, which does not serve it")


class ServiceMissing:
    what = "A workload calls a Service that does not exist"
    called = Template("{object} does not exist, but {caller} calls it")
    port = Template("{object} calls port {port} of Service {service}, which has {offered}")
    alias = Template("{object} calls {host}, whose externalName {alias} does not exist")
    alias_near = Template("{object} calls {host}, whose externalName {alias} does not exist; did you mean {near}?")
    no_service = Template("{object} calls {host}, but namespace {namespace} has no Service {service}")
    no_namespace = Template("{object} calls {host}, but namespace {namespace} does not exist")
    namespace_wrong = Template("{object} calls {service} in namespace {namespace}, but the Service is in {near}")
    elsewhere = Template("{object} calls {host}, but the Service is in namespace {near}")
    misspelled = Template("{object} calls {host}, but no such Service exists; did you mean {near}?")


class ServiceNameUnresolvable:
    what = "A workload cannot resolve the name of a Service that it calls"
    unresolvable = Template("{object} cannot resolve Service {service}: its pods have {setting}")


class LoadBalancerPending:
    what = "A load balancer has not been provisioned"
    reported = Template("{object} has no load balancer: {message}")
    unassigned = Template("{object} has no load balancer: no address has been assigned")


class IngressBackendMissing:
    what = "An Ingress routes to a Service or port that does not exist"
    service = Template("{object} routes to Service {service}, which does not exist")
    port = Template("{object} routes to port {port} of Service {service}, which has only {offered}")


class IngressClassMissing:
    what = "No controller handles an Ingress"
    missing = Template("{object} is not served: IngressClass {ingress_class} does not exist")
    no_default = Template("{object} is not served: it names no class, and no IngressClass is the default")


class TLSSecretMissing:
    what = "The TLS Secret of an Ingress or Gateway is missing or invalid"
    never_issued = Template("TLS {object} has never been issued: {message}")
    unusable = Template("TLS {object} of Ingress {ingress} cannot be used: {message}")


class CertificateExpiring:
    what = "A certificate has expired or is about to expire"
    expired = Template("{object} has expired and has not been renewed")
    expires = Template("{object} expires on {date} and has not been renewed")
    serves_expired = Template("{object} presents an expired certificate on port {port}")
    serves_expiring = Template("{object} presents a certificate on port {port} that expires on {date}")
    not_reloaded = Template("{object} presents an expired certificate on port {port} instead of the renewed one in its Secret")
    not_reloaded_yet = Template(
        "{object} presents an old certificate on port {port} (expires {date}) instead of the renewed one in its Secret"
    )


class GatewayNotProgrammed:
    what = "A Gateway is not programmed"
    class_missing = Template("{object} is not served: GatewayClass {gateway_class} does not exist")
    listener = Template("{object} does not serve listener {listener}{detail}")
    not_served = Template("{object} is not served{detail}")


class RouteNotAccepted:
    what = "An HTTPRoute is not accepted by its Gateway"
    no_gateway = Template("{object} is not served: Gateway {gateway} does not exist")
    not_served = Template("{object} is not served by Gateway {gateway}{detail}")


DETAIL = Phrase(": {message}")
"""The message of a controller, after what it is about."""


class MeshRouteInvalid:
    what = "A route of the service mesh refers to something that does not exist"
    host = Template("{object} sends traffic to host {host}, but Service {service} does not exist")
    port = Template("{object} sends traffic to port {value} of Service {service}, which has only {offered}")
    subset = Template("{object} sends traffic to subset {value} of {service}, which no DestinationRule defines")
    labels = Template("{object} sends traffic to subset {value} of {service}, whose labels no pod of the Service has")
    delegate = Template("{object} delegates to VirtualService {value}, which does not exist")
    gateway = Template("{object} names Gateway {value}, which does not exist")


class NetworkPolicyBlocks:
    what = "A NetworkPolicy blocks calls that a workload needs"
    cuts = Template("{object} cuts {workload} off from {blocked}{detail}")
    seems = Template("{object} seems to cut {workload} off from {blocked}{detail}")


OMITS = Phrase(": its rules {omits}")


# --- policies, quotas, autoscalers, custom resources


class HPAUnableToScale:
    what = "A HorizontalPodAutoscaler cannot scale its target"
    missing = Template("{object} cannot scale {target}, which does not exist")
    unreadable = Template("{object} cannot scale {target}: {message}")


class HPAScalingInactive:
    what = "A HorizontalPodAutoscaler cannot read its metrics"
    inactive = Template("{object} cannot read its metrics: {message}")


class HPAMaxedOut:
    what = "A HorizontalPodAutoscaler is at its maximum"
    maximum = Template("{object} has reached its maximum of {count} {count:replica|replicas} and needs more")


class HPAReplicasMismatch:
    what = "The replicas of a workload differ from what its autoscaler wants"
    mismatch = Template("{object} wants {count} {count:replica|replicas}, but its target does not follow")


class ResourceQuotaExceeded:
    what = "A ResourceQuota rejects new objects"
    pods = Template("{object} is exhausted: pods are rejected")
    pods_for = Template("{object} is exhausted ({resources}): pods are rejected")
    others = Template("{object} is exhausted ({resources}): {kind} {name} is needed and does not exist")


class WebhookUnavailable:
    what = "An admission webhook rejects requests because it is unavailable"
    unavailable = Template("{object} is unavailable: {why}")


WEBHOOK_FAULTS: Mapping[str, Phrase] = {
    "caExpired": Phrase("its CA bundle has expired"),
    "serviceMissing": Phrase("Service {service} does not exist"),
    "noEndpoints": Phrase("Service {service} has no ready endpoint"),
    "callsFail": Phrase("calls to it fail"),
}


class NamespaceTerminating:
    what = "A deleted namespace does not terminate"
    stuck = Template("{object} is stuck terminating{detail}")


class StuckFinalizer:
    what = "A finalizer keeps a deleted object from being removed"
    stuck = Template("{object} was deleted but still exists: {finalizers} {finalizers:remains|remain}")


class CRDNotEstablished:
    what = "A CustomResourceDefinition is not established"
    terminating = Template("{object} is stuck terminating{detail}")
    conflict = Template("{object} uses names that belong to another definition{detail}")
    not_served = Template("{object} is not served{detail}")


class CustomResourceNotReady:
    what = "A custom resource is not ready"
    degraded = Template("{object} ({group}) is not ready: {message}")
    progressing = Template("{object} ({group}) is still not ready: {message}")


class ServiceAccountMissing:
    what = "A workload uses a ServiceAccount that does not exist"
    missing = Template("{object} refers to {missing}, which does not exist: its next pod will not start")


class MissingReference:
    what = "A workload refers to an object that does not exist"
    missing = Template("{object} refers to {missing}, which does not exist: its next pod will not start")
    service = Template("{object} refers to {missing}, which does not exist: its pods get no stable DNS names")


KEY_OF = Phrase("key {key} of {holder}")


class RBACForbidden:
    what = "RBAC denies a request that a workload or controller needs"
    denied = Template("{object} is not allowed to {verb} {resource}")


class PDBInsufficientHealthyPods:
    what = "A PodDisruptionBudget has fewer healthy pods than it requires"
    too_few = Template("{object} has fewer healthy pods than the {count} that it requires")


class DrainBlocked:
    what = "The drain of a node waits for a PodDisruptionBudget that allows no eviction"
    only = Template("Node {node} cannot be drained: {object} requires its only pod to stay")
    all = Template("Node {node} cannot be drained: {object} requires all of its pods to stay")


# --- why images, sandboxes and containers fail, by the kind of the failure

PULL_FAILURES: Mapping[str, Phrase] = {
    "rateLimited": Phrase("the registry limits the pull rate"),
    "hostUnknown": Phrase("the registry's host name does not resolve"),
    "platform": Phrase("the image does not support the platform of the node"),
    "signature": Phrase("its signature was rejected"),
    "tls": Phrase("the registry's certificate was rejected"),
    "diskFull": Phrase("the node's disk is full"),
    "denied": Phrase("the registry denies access"),
    "notFound": Phrase("the image does not exist"),
    "invalidName": Phrase("the image name is invalid"),
    "unreachable": Phrase("cannot connect to the registry"),
    "unknown": Phrase("the reason is unknown"),
}
SANDBOX_FAILURES: Mapping[str, Phrase] = {
    "runtimeGone": Phrase("the container runtime does not respond"),
    "noFreeAddress": Phrase("the node has no free pod IP address"),
    "networkNotReady": Phrase("the pod network is not ready on the node"),
    "runtimeHandler": Phrase("the node has no handler for the RuntimeClass"),
    "nameInUse": Phrase("an old sandbox with the same name still exists"),
    "network": Phrase("the pod network cannot be set up"),
    "timeout": Phrase("the container runtime timed out"),
    "unknown": Phrase("the sandbox cannot be created"),
}
START_FAILURES: Mapping[str, Phrase] = {
    "securityProfile": Phrase("its security profile cannot be applied"),
    "device": Phrase("a device that it needs is missing"),
    "hook": Phrase("a runtime hook failed"),
    "executableMissing": Phrase("its executable is not in the image"),
    "notADirectory": Phrase("a file is mounted over a directory, or a directory over a file"),
    "permissionDenied": Phrase("its executable has no execute permission"),
    "wrongArchitecture": Phrase("its executable is built for another CPU architecture"),
    "nameInUse": Phrase("an old container with the same name still exists"),
    "memoryTooLow": Phrase("its memory limit is too low"),
    "diskFull": Phrase("the node's disk is full"),
    "fileMissing": Phrase("a file that it needs is missing"),
    "unknown": Phrase("the container runtime gave no reason"),
}
POD_FAILURES: Mapping[str, Phrase] = {
    "UnexpectedAdmissionError": Phrase("the node cannot allocate a requested device or CPU"),
    "NodeAffinity": Phrase("the node no longer has the required labels"),
    "PodOSNotSupported": Phrase("the node runs another operating system"),
    "PodOSSelectorNodeLabelDoesNotMatch": Phrase("the node runs another operating system"),
    "InvalidNodeInfo": Phrase("the kubelet cannot read its own Node object"),
    "OutOf": Phrase("the node was out of {resource}"),
    "NodeLost": Phrase("the node was lost"),
    "NodeShutdown": Phrase("the node was shutting down"),
    "Shutdown": Phrase("the node was shut down"),
    "Terminated": Phrase("the node was shut down"),
    "DeadlineExceeded": Phrase("the deadline was exceeded"),
    "Error": Phrase("a container exited with an error and is not restarted"),
}

# --- what an analysis could not explain, by the type of the issue

OTHER_QUESTION = Phrase("{type} on {name}")
QUESTIONS: Mapping[str, Phrase] = {
    "CrashLoopBackOff": Phrase("why {name} is crash-looping"),
    "OOMKilled": Phrase("why {name} runs out of memory"),
    "CreateContainerConfigError": Phrase("why {name} cannot start"),
    "CreateContainerError": Phrase("why {name} cannot start"),
    "RunContainerError": Phrase("why {name} cannot start"),
    "InitContainerStuck": Phrase("why {name} cannot start"),
    "StartupProbeFailed": Phrase("why {name} cannot start"),
    "ImagePullBackOff": Phrase("why {name} cannot pull its image"),
    "LivenessProbeFailed": Phrase("why {name} keeps restarting"),
    "FrequentRestarts": Phrase("why {name} keeps restarting"),
    "ReadinessProbeFailed": Phrase("why {name} is not ready"),
    "PodNotReady": Phrase("why {name} is not ready"),
    "NodeNotReady": Phrase("why {name} is not ready"),
    "DeploymentReplicasUnavailable": Phrase("why {name} has unavailable replicas"),
    "StatefulSetReplicasUnavailable": Phrase("why {name} has unavailable replicas"),
    "DaemonSetUnavailable": Phrase("why {name} is unavailable on some nodes"),
    "DeploymentProgressDeadlineExceeded": Phrase("why {name} is stuck rolling out"),
    "FailedScheduling": Phrase("why {name} cannot be scheduled"),
    "FailedCreate": Phrase("why {name} cannot create pods"),
    "JobFailed": Phrase("why {name} failed"),
    "ServiceNoEndpoints": Phrase("why {name} has no endpoints"),
    "DependencyUnreachable": Phrase("why {name} cannot connect"),
    "WorkloadSlow": Phrase("why {name} is slow"),
}


# --- risks: what works today and can fail later. The title ends with what is risky.


class Risk:
    """What a risk check says: what the type is about, and the title of a finding. The thresholds of the check may be parameters."""

    what: str
    found: Template


class DefaultServiceAccount(Risk):
    what = "A workload mounts the token of the default ServiceAccount"
    found = Template("{object} mounts the token of the default ServiceAccount: {names}")


class WildcardRole(Risk):
    what = "A role allows every verb on every resource"
    found = Template("{object} allows every verb on every resource: {names}")


class PodExecRole(Risk):
    what = "A role allows commands in running pods"
    found = Template("{object} allows commands in running pods: {names}")


class ClusterAdminBinding(Risk):
    what = "A binding grants cluster-admin"
    found = Template("{object} grants cluster-admin: {names}")


class PDBBlocksEviction(Risk):
    what = "A PodDisruptionBudget blocks node drains"
    found = Template("{object} blocks node drains: {names}")


class ResourceQuotaAlmostFull(Risk):
    what = "A ResourceQuota is almost full"
    found = Template("{object} is almost full ({fullFrom:.0%} used, or more): {names}")


class DefaultStorageClass(Risk):
    what = "The cluster does not have exactly one default StorageClass"
    found = Template("{object} does not have exactly one default StorageClass: {names}")


class QuotaOvercommit(Risk):
    what = "The quotas of all namespaces exceed what the nodes have"
    found = Template("{object} has quotas for more than {mostPromised:g} times the resources of its nodes: {names}")


class EOLVersion(Risk):
    what = "A Kubernetes version no longer gets patches"
    found = Template("{object} runs a Kubernetes version that no longer gets patches: {names}")


class DeprecatedAPI(Risk):
    what = "Resources are stored in a deprecated version"
    found = Template("{object} stores its resources in a deprecated version: {names}")


class DuplicateEnvKey(Risk):
    what = "A container sets an environment variable twice"
    found = Template("{object} sets an environment variable twice, and the last value wins: {names}")


class SecretInEnv(Risk):
    what = "A pod template contains a secret in plain text"
    found = Template("{object} has secrets in plain text in its pod template: {names}")


class SecretInConfigMap(Risk):
    what = "A ConfigMap contains a secret"
    found = Template("{object} appears to contain secrets: {names}")


class ImageTagLatest(Risk):
    what = "An image has no fixed version"
    found = Template("{object} runs images without a fixed version: {names}")


class NetworkPolicyMissing(Risk):
    what = "A namespace has no NetworkPolicy"
    found = Template("{object} has no NetworkPolicy, so every pod can connect to its pods: {names}")


class NetworkPolicyMatchesNothing(Risk):
    what = "A NetworkPolicy selects no pod"
    found = Template("{object} selects no pod: {names}")


class ServiceExposed(Risk):
    what = "A Service is reachable from outside the cluster"
    found = Template("{object} is reachable from outside the cluster: {names}")


class NakedPod(Risk):
    what = "A pod has no controller that would replace it"
    found = Template("{object} is not replaced when its node is lost: {names}")


class DuplicatePortInPod(Risk):
    what = "Two containers of a pod use the same port"
    found = Template("{object} has containers that use the same port: {names}")


class HostPort(Risk):
    what = "A workload uses ports of its node"
    found = Template("{object} uses host ports: {names}")


class LivenessProbeMissing(Risk):
    what = "A container has no liveness probe"
    found = Template("{object} has containers without a liveness probe: {names}")


class ReadinessProbeMissing(Risk):
    what = "A container behind a Service has no readiness probe"
    found = Template("{object} is behind a Service and has containers without a readiness probe: {names}")


class ProbesIdentical(Risk):
    what = "The liveness and readiness probes of a container are identical"
    found = Template("{object} has identical liveness and readiness probes, so it is restarted when it is only busy: {names}")


class LivenessTooAggressive(Risk):
    what = "A single failed liveness probe kills a container"
    found = Template("{object} is killed by a single failed liveness probe right after it starts: {names}")


class SingleReplica(Risk):
    what = "A workload behind a Service has a single replica"
    found = Template("{object} has a single replica: {names}")


class PodDisruptionBudgetMissing(Risk):
    what = "A workload behind a Service has no PodDisruptionBudget"
    found = Template("{object} has no PodDisruptionBudget: {names}")


class NoAntiAffinity(Risk):
    what = "All replicas of a workload may run on one node"
    found = Template("{object} may run all replicas on one node: {names}")


class RecreateStrategyOnServed(Risk):
    what = "Every rollout interrupts a workload behind a Service"
    found = Template("{object} is unavailable during every rollout: {names}")


class MaxUnavailableAll(Risk):
    what = "A rollout may take down all replicas at once"
    found = Template("{object} may be unavailable during a rollout: {names}")


class PriorityClassNotSet(Risk):
    what = "A workload has no PriorityClass"
    found = Template("{object} has no PriorityClass: {names}")


class RequestsMissing(Risk):
    what = "A container requests no CPU or memory"
    found = Template("{object} requests no CPU or memory: {names}")


class LimitsMissing(Risk):
    what = "A container has no memory limit"
    found = Template("{object} has containers without a memory limit: {names}")


class HPATargetWithoutRequests(Risk):
    what = "An autoscaler targets utilization of requests that are not set"
    found = Template("{object} targets utilization, but its target sets no requests: {names}")


class CronJobNoDeadline(Risk):
    what = "A CronJob without a deadline stops after 100 missed runs"
    found = Template("{object} stops permanently after 100 missed runs: {names}")


class ConcurrencyForbidLongJobs(Risk):
    what = "A CronJob skips runs because earlier runs are still active"
    found = Template("{object} skips runs while the previous run is still active: {names}")


class HostNetwork(Risk):
    what = "A workload uses the network of its node"
    found = Template("{object} uses the network of its node: {names}")


class HostPID(Risk):
    what = "A workload sees all processes of its node"
    found = Template("{object} sees all processes of its node: {names}")


class HostIPC(Risk):
    what = "A workload shares the IPC namespace of its node"
    found = Template("{object} shares the IPC namespace of its node: {names}")


class HostPath(Risk):
    what = "A workload mounts directories of its node"
    found = Template("{object} mounts directories of its node: {names}")


class Privileged(Risk):
    what = "A container is privileged"
    found = Template("{object} has privileged containers: {names}")


class RunAsRoot(Risk):
    what = "A container may run as root"
    found = Template("{object} may run as root: {names}")


class PrivilegeEscalation(Risk):
    what = "A container may gain more privileges than its parent process"
    found = Template("{object} allows privilege escalation: {names}")


class WritableRootFS(Risk):
    what = "The root filesystem of a container is writable"
    found = Template("{object} has a writable root filesystem: {names}")


class DangerousCapabilities(Risk):
    what = "A container has dangerous Linux capabilities"
    found = Template("{object} has dangerous Linux capabilities: {names}")


class SeccompMissing(Risk):
    what = "A container runs without a seccomp profile"
    found = Template("{object} has no seccomp profile: {names}")


class UnusedConfigMap(Risk):
    what = "A ConfigMap is not used"
    found = Template("{object} is not used: {names}")


class UnusedPersistentVolumeClaim(Risk):
    what = "A PersistentVolumeClaim is not used"
    found = Template("{object} is not mounted by any workload: {names}")
