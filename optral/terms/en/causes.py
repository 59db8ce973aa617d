"""What Optral says about each cause: what it is, how it is recognized, what fixes it. `docs/causes.md` is generated from it."""

from typing import NamedTuple


class CauseText(NamedTuple):
    """`title` says it in one clause, without a full stop; the others are sentences."""

    title: str
    what: str
    how: str
    fix: str


CAUSES: dict[str, CauseText] = {
    # --- What stops a container, or keeps it from starting.
    "memory_limit_too_low": CauseText(
        "The memory limit is too low for the workload",
        what="The kernel kills the container whenever it needs more memory than its limit.",
        how="OOMKilled, with no recent change of the limit or the image. A kill (exit code 137) that no probe explains is weaker evidence.",
        fix="Raise the limit. If the container runs for about the same time between kills, also check for a memory leak.",
    ),
    "memory_limit_lowered": CauseText(
        "The memory limit was lowered",
        what="A change gave the container less memory than it had before.",
        how="OOMKilled, and the newest revision's limit is lower than the previous revision's.",
        fix="Restore the previous limit, or roll back to the revision that had it.",
    ),
    "memory_regression_after_rollout": CauseText(
        "The new version needs more memory than the previous one",
        what="The limit is unchanged but the image is new, and the new version does not fit into the limit.",
        how="OOMKilled in pods of the newest revision, which has another image and the same limit.",
        fix="Roll back. Then raise the limit, or fix the version.",
    ),
    "memory_leak": CauseText(
        "The container leaks memory until it reaches its limit",
        what="Each run lasts about as long as the previous one and ends with a kill at the limit.",
        how="OOMKilled after long runs (an hour or more), without a recent change.",
        fix="Restart the workload or raise the limit for now; the leak has to be fixed in the application.",
    ),
    "memory_follows_load": CauseText(
        "The container needs more memory under load than its limit allows",
        what="Memory rises and falls with the work that the container does; at a peak it reaches the limit.",
        how="The kubelet's metrics: memory and CPU rose together over the same time.",
        fix="Raise the limit, spread the load over more replicas, or limit what one request may use.",
    ),
    "cpu_limit_too_low": CauseText(
        "The CPU limit is too low for the workload",
        what="The kernel throttles the container at its limit, so requests, probes and startup take longer.",
        how="The kubelet's metrics: the share of periods in which the container was throttled at its limit.",
        fix="Raise the CPU limit, or remove it and keep the request.",
    ),
    "init_memory_too_small": CauseText(
        "The memory limit is too low to start the container at all",
        what="The limit is too low even for the process that sets up the container.",
        how="The runtime reports that the container's init process was OOM-killed; often there is no OOMKilled state.",
        fix="Raise the limit. A limit of a few MiB is usually a wrong unit (`m` or `K` instead of `M`).",
    ),
    "application_out_of_memory": CauseText(
        "The application ran out of its own heap",
        what="The language runtime in the container has its own heap limit, below the container's limit.",
        how='Log lines such as OutOfMemoryError or "heap out of memory", without a kill by the kernel.',
        fix="Raise the heap limit, and the container's limit above it.",
    ),
    "command_not_found": CauseText(
        "The command does not exist in the image",
        what="The container's command names a program that is not in the image.",
        how="Exit code 127, or the runtime reports that the executable file was not found.",
        fix="Correct the command or the image, or roll back to the last revision that started.",
    ),
    "library_missing": CauseText(
        "A library or module is missing from the image",
        what="The program exists, but something it loads at startup does not: a shared library, a module or a class.",
        how="Log lines of the dynamic loader or of the language runtime.",
        fix="Add it to the image. A shared library is often missing because the image was built on a different base image than it runs on.",
    ),
    "permission_denied": CauseText(
        "The command is not executable",
        what="The file exists but has no execute permission, or the user may not run it.",
        how='Exit code 126, or the runtime reports "permission denied" when it starts the container.',
        fix="Set the execute bit in the image, or run as a user who may execute the file.",
    ),
    "wrong_architecture": CauseText(
        "The image is built for another CPU architecture",
        what="The node cannot execute the programs in the image.",
        how="`exec format error`, or the registry has no image for the node's platform.",
        fix="Build the image for the node's architecture, or select nodes with the image's architecture.",
    ),
    "port_in_use": CauseText(
        "The port is already in use",
        what="Another process in the pod or on the node listens on the same port.",
        how="Log lines such as `address already in use`.",
        fix="Give one of the two another port; check sidecars and hostPort.",
    ),
    "exits_zero": CauseText(
        "The program exits without an error",
        what="The program finishes and the container is restarted, because its workload expects it to run forever.",
        how="The last exit code is 0 and the restart policy is Always.",
        fix="Run it as a Job, or use a command that keeps running.",
    ),
    "missing_env_or_config": CauseText(
        "A required setting is missing",
        what="The application exits or fails because an environment variable or configuration entry is not set.",
        how="A log line reports it, or the newest revision removed a variable or reference and its pods exit right after they start.",
        fix="Add the setting, or roll back to the revision that had it.",
    ),
    "working_directory_invalid": CauseText(
        "The working directory is a file",
        what="The runtime creates the working directory if the image lacks it, but a file with that name exists.",
        how="The runtime reports that the path in workingDir is not a directory.",
        fix="Correct workingDir.",
    ),
    "invalid_config": CauseText(
        "The application cannot read its configuration",
        what="The configuration exists but is invalid.",
        how="A log line reports a parse or validation error of the configuration.",
        fix="Correct the ConfigMap, Secret or flag, then restart the workload.",
    ),
    "missing_config_map": CauseText(
        "A ConfigMap does not exist",
        what="The pod refers to a ConfigMap that is not in its namespace.",
        how="The kubelet's message names it, and the inventory does not contain it.",
        fix="Create it, or correct the name; the closest existing name is suggested.",
    ),
    "missing_secret": CauseText(
        "A Secret does not exist",
        what="The pod refers to a Secret that is not in its namespace.",
        how="The kubelet's message names it. Optral never reads Secrets, so this message is the only evidence.",
        fix="Create it, or correct the name.",
    ),
    "missing_key": CauseText(
        "A key is missing from a ConfigMap or Secret",
        what="The object exists, but the key that the pod refers to does not.",
        how="The kubelet's message names both; for a ConfigMap the existing keys are compared.",
        fix="Add the key, or correct its name.",
    ),
    "invalid_mount": CauseText(
        "A mount does not match what is mounted",
        what="A file is mounted over a directory or a directory over a file, or a subPath does not exist.",
        how="The runtime's error message.",
        fix="Correct mountPath or subPath.",
    ),
    "dependency_unavailable": CauseText(
        "A dependency is unavailable",
        what="The application exits or stays unready because a service that it calls refuses connections, times out or does not resolve.",
        how="Log lines of failed connections, and the Service in the cluster that the lines or the environment variables name.",
        fix="Fix the dependency first; this workload then recovers on its own.",
    ),
    "unreachable_for_one_caller": CauseText(
        "Only this workload cannot reach a dependency",
        what="The dependency works for its other callers, so the fault is in this workload's own settings or on its network path.",
        how="The log reports failed connections, the Service has ready pods, and the pods of its other callers are all ready.",
        fix="Compare its address, port, credentials, DNS policy, NetworkPolicies, sidecar and node with those of a caller that works.",
    ),
    "wrong_dependency_address": CauseText(
        "The address of a dependency is wrong",
        what=(
            "A variable, an argument or a ConfigMap has a host or port where nothing listens, while a similar name or another port exists."
        ),
        how="The address names no Service, or a port that the Service does not have, and the workload fails.",
        fix="Correct the setting; the explanation states where it is set, and suggests the closest existing name or port.",
    ),
    "bad_credentials": CauseText(
        "A dependency rejects the application's credentials",
        what="The user, password or token of the application is not accepted.",
        how="Log lines of failed authentication.",
        fix="Correct the Secret and restart the workload.",
    ),
    "certificate_invalid": CauseText(
        "A certificate is not trusted or has expired",
        what="A certificate has expired, or the client does not trust its issuer.",
        how="x509 or TLS errors in log lines or image pull messages.",
        fix="Renew the certificate, or add the CA that signed it.",
    ),
    "connection_protocol_mismatch": CauseText(
        "Client and server use different protocols",
        what="The client uses TLS on a port that does not serve it, or the reverse, or expects another protocol than the port serves.",
        how="Log lines such as `server gave HTTP response to HTTPS client` or `wrong version number`.",
        fix="Correct the scheme or the port of the address that the client calls.",
    ),
    "dependency_connections_exhausted": CauseText(
        "A server has no free connections",
        what="The server that the application calls is up but has reached its maximum number of connections.",
        how="Log lines such as `too many connections`, and the Service that the lines or the environment variables name.",
        fix="Raise the server's connection limit or reduce the callers' pools; check for a caller that leaks connections.",
    ),
    "dependency_read_only": CauseText(
        "A server is read-only",
        what="A database is in read-only mode, or the application connects to a replica instead of the primary.",
        how="Log lines such as `read-only transaction`, and the Service that the lines or the environment variables name.",
        fix="Make the server writable, or point the callers to its primary.",
    ),
    "dependency_memory_full": CauseText(
        "A server has reached its memory limit",
        what="A cache, broker or search engine refuses writes because it has used up its memory limit.",
        how="Log lines such as `OOM command not allowed when used memory > 'maxmemory'`, and the Service that they or the variables name.",
        fix="Raise the server's memory limit, let it evict old data, or store less in it.",
    ),
    "dependency_disk_full": CauseText(
        "The disk of a server is full",
        what="A database or broker refuses to write because its own disk is full; its callers fail.",
        how=(
            "Log lines in which a server reports it (`could not extend file`, `flood stage disk watermark`); the container that "
            "logs them mounts no claim."
        ),
        fix="Free or expand the disk of the server.",
    ),
    "database_schema_missing": CauseText(
        "A database, table or column does not exist",
        what="The application queries something that its database does not have: a migration has not run, or the name is wrong.",
        how="Log lines that name what is missing.",
        fix="Run the migration, or correct the name of the database.",
    ),
    "segmentation_fault": CauseText(
        "The program crashes with a memory fault or aborts",
        what="The process exits with SIGSEGV or SIGABRT: a bug in the program or in a library.",
        how="Exit code 139 or 134.",
        fix="Roll back if it started with a rollout; otherwise give the developers a core dump.",
    ),
    "application_error": CauseText(
        "The application exits with an error",
        what="The program starts and then fails; nothing in the cluster's objects explains why.",
        how="A non-zero exit code with an error in the log, and no other cause with better evidence.",
        fix="Read the log lines below; roll back if it started with a rollout.",
    ),
    "application_logs_error": CauseText(
        "The application runs and keeps logging an error",
        what="The program reports the same failure again and again; nothing in the cluster's objects explains why.",
        how="A log line with a known meaning that keeps appearing, and no other cause with better evidence.",
        fix="Read the log line below, which reports what fails.",
    ),
    "image_tag_not_found": CauseText(
        "The image does not exist in the registry",
        what="The name or tag is wrong, or the image was never pushed.",
        how='The registry answers "not found"; the image of an earlier revision is suggested if there is one.',
        fix="Correct the image, or roll back to the revision that ran.",
    ),
    "image_registry_unreachable": CauseText(
        "Cannot connect to the registry",
        what="The registry's host name does not resolve, or the connection fails.",
        how='The pull fails with "no such host", a refused connection, a timeout, or an error of the registry itself.',
        fix="Correct the registry's name; check DNS and egress of the node.",
    ),
    "image_pull_unauthorized": CauseText(
        "The registry denies access to the image",
        what="The pull secret is missing, wrong or not attached. Many registries give the same response for an image that does not exist.",
        how="The registry answers unauthorized, denied or forbidden; pods that pull from the same registry show whether the name is wrong.",
        fix="Create the pull secret and attach it to the pod's ServiceAccount.",
    ),
    "pull_rate_limited": CauseText(
        "The registry limits the pull rate",
        what="Too many pulls from this address or account.",
        how="The registry answers 429 or toomanyrequests.",
        fix="Pull through a mirror, or with an authenticated account.",
    ),
    "image_signature_rejected": CauseText(
        "The signature of the image is rejected",
        what="The nodes only run images with a valid signature, and this image has none, or one that they do not accept.",
        how="The kubelet reports SignatureValidationFailed, or that the source image was rejected.",
        fix="Sign the image, use a signed version, or correct the signature policy of the nodes.",
    ),
    "invalid_image_name": CauseText(
        "The image name is invalid",
        what="The image field is not a valid image reference.",
        how="The kubelet cannot parse it.",
        fix="Correct the image field.",
    ),
    "rbac_forbidden": CauseText(
        "The ServiceAccount lacks a permission",
        what="The application calls the Kubernetes API with an account that is not allowed to do this.",
        how="Log lines with the API server's answer (`is forbidden: User`), and the account of the pod.",
        fix="Grant the verb in a Role and bind it to the account, or use another account.",
    ),
    "run_as_root_conflict": CauseText(
        "The pod must not run as root, but its image does",
        what="`runAsNonRoot` is set, and no other user is configured.",
        how="The kubelet refuses to create the container.",
        fix="Set runAsUser, or build the image with a non-root user.",
    ),
    "lifecycle_hook_failed": CauseText(
        "A lifecycle hook fails",
        what="The command or request that runs after the container starts or before it stops fails.",
        how="FailedPostStartHook or FailedPreStopHook Events, and the hook in the container's spec.",
        fix="Correct the hook.",
    ),
    "runtime_hook_failed": CauseText(
        "A hook of the container runtime fails",
        what="The runtime runs hooks while it sets up a container, such as those of a network or GPU toolkit. One of them fails.",
        how='The message of the runtime, such as "error running hook".',
        fix="Correct or remove the hook in the configuration of the runtime.",
    ),
    "device_unavailable": CauseText(
        "A device that the container needs is not available",
        what="The node has no such device, its driver does not work, or the device plugin does not offer it.",
        how="The runtime cannot inject the device, or the kubelet cannot allocate it.",
        fix="Check the driver, the device plugin and the CDI specification of the node.",
    ),
    "security_profile_unavailable": CauseText(
        "The security profile of the container cannot be applied",
        what="The seccomp or AppArmor profile that the container names is not on the node, or the node does not support such profiles.",
        how='The message of the runtime, such as "cannot load seccomp profile" or "apparmor profile not found".',
        fix="Load the profile on the nodes where the pod may run, or correct its name in the security context.",
    ),
    "circular_wait": CauseText(
        "Init containers wait for each other",
        what="An init container waits for a Service whose pods wait for this workload, directly or through others, or for its own Service.",
        how="The addresses that the running init containers call, and the pods behind those Services.",
        fix="Remove one of the waits.",
    ),
    "init_container_hangs": CauseText(
        "An init container does not finish",
        what="It waits or works, and the pod's containers cannot start before it finishes.",
        how="The init container is running, the pod is not initialized, and nothing that it calls is broken.",
        fix="Find out what it waits for.",
    ),
    "image_not_on_node": CauseText(
        "The image is not on the node and must not be pulled",
        what="imagePullPolicy is Never, and the image is not on the node.",
        how="The kubelet reports ErrImageNeverPull.",
        fix="Load the image onto the node, or allow pulls.",
    ),
    "image_damaged": CauseText(
        "The image on the node cannot be read",
        what="The image's data on the node is corrupt, or the runtime cannot inspect it.",
        how="The kubelet reports ImageInspectError.",
        fix="Remove the image from the node, so that it is pulled again.",
    ),
    # --- What makes probes fail.
    "liveness_probe_wrong_port": CauseText(
        "The liveness probe checks the wrong port",
        what="The application works, but nothing listens on the port of the probe, so the kubelet kills the container.",
        how=(
            "Connection refused, and the container, its other probe, a Service or its log names another port; without these, the "
            "cause is only possible."
        ),
        fix="Correct the probe's port.",
    ),
    "liveness_probe_wrong_path": CauseText(
        "The liveness probe checks a path that does not exist",
        what="The application responds, but with 404 or 405 for the path of the probe.",
        how="The status code in the probe's message.",
        fix="Correct the probe's path.",
    ),
    "liveness_probe_wrong_protocol": CauseText(
        "The liveness probe uses the wrong protocol",
        what="The probe uses HTTP, TCP or gRPC on a port that serves another protocol.",
        how="The message shows a malformed or unexpected response, or another probe on the same port uses another protocol.",
        fix="Use the kind of probe that the application supports.",
    ),
    "liveness_probe_wrong_command": CauseText(
        "The liveness probe runs a command that is not in the image",
        what="The check cannot run: the kubelet kills a working application, or, if it gets no result at all, never restarts a broken one.",
        how="The runtime or the shell reports that the probe's program does not exist or is not executable.",
        fix="Correct the probe's command, or add the program to the image.",
    ),
    "liveness_probe_too_tight": CauseText(
        "The liveness probe gives the container too little time",
        what="The container is killed before it has started.",
        how="Probe timeouts, or kills before the application listens on the probe's port.",
        fix="Add a startup probe, or raise initialDelaySeconds, timeoutSeconds or failureThreshold.",
    ),
    "liveness_probe_unhealthy": CauseText(
        "The application fails its liveness probe",
        what="The probe is correct: the application hangs or reports a failure.",
        how="Timeouts or 5xx responses on a port and path that worked before.",
        fix="Find out what the application waits for; roll back if it started with a rollout.",
    ),
    "readiness_probe_wrong_port": CauseText(
        "The readiness probe checks the wrong port",
        what="The application works but gets no traffic, because nothing listens on the port of the probe.",
        how="As for the liveness probe.",
        fix="Correct the probe's port.",
    ),
    "readiness_probe_wrong_path": CauseText(
        "The readiness probe checks a path that does not exist",
        what="The application responds, but with 404 or 405 for the path of the probe.",
        how="The status code in the probe's message.",
        fix="Correct the probe's path.",
    ),
    "readiness_probe_wrong_protocol": CauseText(
        "The readiness probe uses the wrong protocol",
        what="The probe uses HTTP, TCP or gRPC on a port that serves another protocol.",
        how="As for the liveness probe.",
        fix="Use the kind of probe that the application supports.",
    ),
    "readiness_probe_wrong_command": CauseText(
        "The readiness probe runs a command that is not in the image",
        what="The application works but gets no traffic, because its check cannot run.",
        how="The runtime or the shell reports that the probe's program does not exist or is not executable.",
        fix="Correct the probe's command, or add the program to the image.",
    ),
    "readiness_probe_too_tight": CauseText(
        "The readiness probe gives the application too little time to respond",
        what="The application responds more slowly than the probe's timeout.",
        how="Probe timeouts while the container runs without restarts.",
        fix="Raise timeoutSeconds, or give the container more CPU.",
    ),
    "readiness_probe_unhealthy": CauseText(
        "The application reports that it is not ready",
        what="The probe is correct: the application waits for a dependency or is overloaded.",
        how="5xx responses, or a probe command that fails.",
        fix="Find out what it waits for; check its dependencies first.",
    ),
    "startup_probe_wrong": CauseText(
        "The startup probe is misconfigured",
        what="The application starts, but its startup probe uses a port, path or protocol that the application does not serve.",
        how="The probe is compared with the container's ports, its other probes and the response.",
        fix="Correct the probe.",
    ),
    "startup_probe_too_tight": CauseText(
        "The startup probe gives the container too little time",
        what="The container is killed before it has started.",
        how="Kills earlier than the container needs to start, according to the probe's own settings.",
        fix="Raise failureThreshold or periodSeconds of the startup probe.",
    ),
    "startup_probe_unhealthy": CauseText(
        "The application does not start in time",
        what="The probe is correct: the application hangs during startup.",
        how="Timeouts or error responses throughout the startup.",
        fix="Find out what it waits for; roll back if it started with a rollout.",
    ),
    "application_slow": CauseText(
        "The application responds more slowly than before",
        what="Successful probes take longer than before, and some exceed their timeout.",
        how="The kubelet's metrics: how long probes took in the last fifteen minutes and in the hour before.",
        fix="Find out what it waits for, starting with what it calls and with the CPU of its node. A longer timeout only hides it.",
    ),
    "packets_lost": CauseText(
        "The pod's network interface loses packets",
        what="Packets of the pod are dropped or damaged, so that connections stall and probes time out.",
        how="The kubelet's metrics: errors and drops of the pod's interface, against the packets that arrived.",
        fix="Compare with the other pods of the node: if they lose packets too, the node's network is at fault.",
    ),
    "readiness_gate_not_met": CauseText(
        "A readiness gate is not met",
        what="All containers are ready, but a condition that another controller sets is not true.",
        how="The gate in the pod's spec and the condition in its status.",
        fix="Check the controller that sets the condition, often a load balancer controller.",
    ),
    # --- What keeps a pod from a node.
    "insufficient_cpu": CauseText(
        "No node has enough free CPU",
        what="The pod requests more CPU than any suitable node has, in total or free.",
        how="The request is compared with every node's allocatable CPU and the requests of its pods.",
        fix="Lower the request, free CPU, or add a larger node.",
    ),
    "insufficient_memory": CauseText(
        "No node has enough free memory",
        what="The pod requests more memory than any suitable node has, in total or free.",
        how="The request is compared with every node's allocatable memory and the requests of its pods.",
        fix="Lower the request, free memory, or add a larger node.",
    ),
    "insufficient_resource": CauseText(
        "No node offers a resource that the pod requests",
        what="No node has the requested extended resource, ephemeral storage, or room for another pod.",
        how="The request is compared with what every node offers and the requests of its pods.",
        fix="Add a node that offers it, or install the device plugin that does.",
    ),
    "node_selector_mismatch": CauseText(
        "No node has the labels that the pod selects",
        what="The pod's node selector matches no node.",
        how="Every node's labels are compared with the selector; a near match is named.",
        fix="Correct the selector, or label a node.",
    ),
    "node_affinity_mismatch": CauseText(
        "No node meets the pod's required node affinity",
        what="The required terms of the pod's node affinity match no node.",
        how="Every node's labels are compared with the terms.",
        fix="Correct the affinity, or label a node.",
    ),
    "untolerated_taint": CauseText(
        "Every suitable node has a taint that the pod does not tolerate",
        what="Every node that would otherwise match has a taint that keeps the pod off.",
        how="Every node's taints are compared with the pod's tolerations.",
        fix="Add a toleration, or remove the taint.",
    ),
    "node_cordoned": CauseText(
        "All suitable nodes are cordoned",
        what="They are marked unschedulable, and no other node matches.",
        how="Without the cordon at least one node would accept the pod.",
        fix="Uncordon the node when its maintenance is done.",
    ),
    "anti_affinity": CauseText(
        "Anti-affinity rules out every suitable node",
        what="Every suitable node already runs a pod that this one must not share a node with.",
        how="The pod's required anti-affinity terms are compared with the pods on each node.",
        fix="Lower the replicas, add nodes, or use preferred anti-affinity.",
    ),
    "affinity_mismatch": CauseText(
        "Pod affinity or topology spread rules out every node",
        what="The pod must run near pods that do not run anywhere, or be spread in a way that no node allows.",
        how="The scheduler's message, and the pod's terms.",
        fix="Correct the terms, or make them preferences.",
    ),
    "host_port_conflict": CauseText(
        "The host port is in use on every suitable node",
        what="Two pods with the same hostPort cannot run on the same node.",
        how="The pod's host ports are compared with those of the pods on each node.",
        fix="Remove the hostPort, or run one pod per node.",
    ),
    "volume_node_conflict": CauseText(
        "The pod's volume is bound to nodes where the pod cannot run",
        what="The PersistentVolume can only be used on nodes that do not match the pod.",
        how="The scheduler's message, and the volume's node affinity.",
        fix="Move the data, or let the pod run where the volume is.",
    ),
    "scheduling_gated": CauseText(
        "A scheduling gate keeps the pod pending",
        what="A scheduling gate, often set by a queue, has not been removed.",
        how="The gate in the pod's spec.",
        fix="Ask the owner of the gate to remove it.",
    ),
    "preempted": CauseText(
        "The pod was preempted by pods with a higher priority",
        what="The scheduler removed it to make room for others.",
        how="The pod's DisruptionTarget condition or a Preempted Event.",
        fix="Add capacity, or give the pod a higher PriorityClass.",
    ),
    "resize_infeasible": CauseText(
        "The resized pod does not fit on its node",
        what="An in-place resize of the pod does not fit on its node.",
        how="The condition PodResizePending.",
        fix="Request less, or let the pod be recreated on another node.",
    ),
    "node_refused_pod": CauseText(
        "The node rejected the pod",
        what="The kubelet rejected the pod after it was scheduled: resources, labels or devices no longer matched.",
        how="The pod's reason: OutOf…, NodeAffinity or UnexpectedAdmissionError.",
        fix="Compare the pod's requests with what the node has.",
    ),
    "priority_class_missing": CauseText(
        "A PriorityClass does not exist",
        what="The pod template names a PriorityClass that does not exist.",
        how="The cluster's PriorityClasses; the closest name is suggested.",
        fix="Create the class, or correct the name.",
    ),
    # --- What is wrong with volumes and claims.
    "file_permission_denied": CauseText(
        "The application cannot write to a file or directory",
        what="The container's user lacks permission on a path, or the file system is read-only.",
        how="Log lines of failed writes, with a volume or security context that explains them.",
        fix="Set fsGroup or the owner of the volume, or mount a writable volume; copy files from a ConfigMap or Secret before writing.",
    ),
    "disk_full": CauseText(
        "No space left on the device",
        what="A volume or the node's disk is full.",
        how="`no space left on device` in log lines or kubelet messages, or the usage of the volume in the kubelet's metrics.",
        fix="Expand the volume or delete data; check the node for disk pressure.",
    ),
    "inodes_exhausted": CauseText(
        "The volume has no inodes left",
        what="The file system has room for more bytes, but not for more files.",
        how="The used and total inodes of the volume in the kubelet's metrics.",
        fix="Delete small files, or move to a larger volume, which has more inodes.",
    ),
    "volume_fills_up": CauseText(
        "The volume will be full soon",
        what="The volume is not full yet, but its usage grows steadily.",
        how="The usage of the volume over an hour in the kubelet's metrics, and when it reaches the capacity at that rate.",
        fix="Expand the volume before that, or stop what writes to it.",
    ),
    "pvc_unbound": CauseText(
        "The pod's PersistentVolumeClaim is not bound",
        what="The pod waits for a PersistentVolumeClaim that has no volume yet or does not exist.",
        how="The claim's phase, or that the claim does not exist.",
        fix="Fix the claim; see the cause given for it.",
    ),
    "storage_class_missing": CauseText(
        "The claim's storage class does not exist",
        what="No volume is provisioned for the claim, because its class does not exist.",
        how="The cluster's StorageClasses; the closest name is suggested.",
        fix="Recreate the claim with an existing class, or create the class.",
    ),
    "no_default_storage_class": CauseText(
        "The claim names no storage class, and there is no default",
        what="No volume is provisioned for a claim without a class if no class is the default.",
        how="No StorageClass of the cluster is marked as the default.",
        fix="Name a class in the claim, or mark one as the default.",
    ),
    "no_matching_volume": CauseText(
        "No volume matches the claim",
        what="Volumes exist, but each differs in size, access mode, labels or volume mode.",
        how="Every free PersistentVolume is compared with the claim.",
        fix="Recreate the claim so that it matches a volume, or create a matching volume.",
    ),
    "volume_taken": CauseText(
        "The volume that the claim needs is bound to another claim",
        what="The only matching volume is bound to, or reserved for, another claim.",
        how="The volume's claimRef names another claim.",
        fix="Release the volume, or create another one.",
    ),
    "provisioner_failing": CauseText(
        "The provisioner cannot create the volume",
        what="The storage backend of the class returns an error or does not respond.",
        how="ProvisioningFailed Events, or no response from an external provisioner.",
        fix="Check the provisioner's pods and the storage backend.",
    ),
    "volume_attach_failed": CauseText(
        "The volume cannot be attached to the node",
        what="It is still attached to another node, or the storage driver reports an error.",
        how="FailedAttachVolume, often with Multi-Attach.",
        fix="Make sure that the old pod is gone; check the node it ran on.",
    ),
    "volume_mount_failed": CauseText(
        "The volume cannot be mounted",
        what="The node or its storage driver cannot mount the volume in time.",
        how="FailedMount, and no object it refers to is missing.",
        fix="Check the driver's pods on that node, and the storage server.",
    ),
    "volume_lost": CauseText(
        "The claim's volume is gone",
        what="The volume that the claim was bound to has been deleted.",
        how="The claim's phase is Lost.",
        fix="Restore the volume from a backup and recreate the claim.",
    ),
    "volume_reclaim_failed": CauseText(
        "The volume's storage could not be reclaimed",
        what="The driver could not delete or recycle the storage of a volume.",
        how="The volume's phase is Failed, with the driver's message.",
        fix="Check the storage backend, then delete the volume manually.",
    ),
    "volume_left_over": CauseText(
        "A released volume is retained",
        what="Its claim is gone, and its reclaim policy is Retain.",
        how="The volume's phase is Released.",
        fix="Delete it, or bind another claim to it.",
    ),
    "volume_resize_failed": CauseText(
        "The volume was not expanded",
        what="The driver reports an error, or the file system is expanded only when the pod restarts.",
        how="The claim's resize conditions, or VolumeResizeFailed.",
        fix="Restart the pod if the expansion only waits for that; otherwise read the driver's message.",
    ),
    "ephemeral_storage_exceeded": CauseText(
        "The pod exceeded its local storage limit",
        what="Logs, caches or an emptyDir exceeded their limit, so the kubelet evicted the pod.",
        how="The pod's reason is Evicted, and its message names the limit.",
        fix="Raise the limit, or write less.",
    ),
    # --- What makes the API server refuse, or an object stay for ever.
    "quota_exceeded": CauseText(
        "A ResourceQuota is exhausted",
        what="The namespace has reached its quota, so new pods are rejected.",
        how="The error names the quota; requested, used and allowed amounts are compared.",
        fix="Raise the quota, lower the requests, or scale something else down.",
    ),
    "quota_needs_resources": CauseText(
        "The quota requires requests or limits that the pods do not set",
        what="A quota on CPU or memory rejects pods that do not set the matching requests or limits.",
        how="The error contains `must specify`.",
        fix="Set the requests and limits, or create a LimitRange with defaults.",
    ),
    "limit_range_violation": CauseText(
        "A LimitRange rejects the pod's resources",
        what="A request or limit is above the maximum or below the minimum.",
        how="The error names the bound.",
        fix="Change the container's resources so that they are within the bounds.",
    ),
    "service_account_missing": CauseText(
        "The pod's ServiceAccount does not exist",
        what="Pods are rejected because their ServiceAccount is not in the namespace.",
        how="The error names it, pods are still missing, and the inventory does not contain the account.",
        fix="Create the account, or correct serviceAccountName; the closest name is suggested.",
    ),
    "pod_security_violation": CauseText(
        "The namespace's Pod Security level rejects the pod",
        what="The pod's security context does not meet the enforced level.",
        how="The error lists the fields.",
        fix="Set the security context, or change the level of the namespace.",
    ),
    "webhook_denied": CauseText(
        "An admission webhook rejects the pod",
        what="A policy does not allow it.",
        how="The error names the webhook and its reason.",
        fix="Change the pod template to comply with the policy.",
    ),
    "webhook_unavailable": CauseText(
        "An admission webhook does not respond",
        what="The API server cannot call the webhook, so it rejects every request that the webhook covers.",
        how="`failed calling webhook`, and the state of the Service behind it.",
        fix="Fix the webhook's workload; until then its failure policy applies.",
    ),
    "forbidden": CauseText(
        "The API server rejects the pod",
        what="The API server rejects the pod for a reason that no other cause in this list covers.",
        how="The text of the error.",
        fix="Correct what the error names.",
    ),
    "finalizer_not_removed": CauseText(
        "A finalizer has not been removed",
        what="The object was deleted, but the controller that set the finalizer has not removed it.",
        how="The object's deletion time, its finalizers, or the namespace's conditions.",
        fix="Check the controller; remove the finalizer manually only if the controller is gone for good.",
    ),
    "api_group_unavailable": CauseText(
        "An API group is unavailable",
        what="The workload that serves an aggregated API is missing or failing.",
        how="The APIService's Available condition, or the namespace's NamespaceDeletionDiscoveryFailure.",
        fix="Fix the workload behind it, or remove the APIService.",
    ),
    "definition_not_accepted": CauseText(
        "A custom resource definition is not accepted",
        what="Its names or its schema are rejected.",
        how="The definition's conditions.",
        fix="Correct the definition.",
    ),
    "reference_missing": CauseText(
        "A resource refers to an object that does not exist",
        what="A custom resource, or an object that it refers to, names something that its controller cannot find.",
        how="The message of the resource, and the objects of that kind; the closest name is suggested.",
        fix="Create the object, or correct the reference.",
    ),
    "reported_by_controller": CauseText(
        "The resource's controller reports a failure",
        what="A custom resource reports a failure. If it consists of or refers to other resources that fail, the explanation names "
        "the last of them.",
        how="The reason and message of its condition, phase or error.",
        fix="Read the controller's message and its documentation.",
    ),
    # --- What is wrong between workloads: Services, ways in, policies.
    "selector_mismatch": CauseText(
        "The Service selects labels that no pod has",
        what="The pods exist but have other labels.",
        how="The selector is compared with the pods of the namespace; the label that differs is named.",
        fix="Correct the selector, or the pods' labels.",
    ),
    "target_port_mismatch": CauseText(
        "The Service sends to a port that its pods do not have",
        what="targetPort names a port that no container of the pods declares, or on which nothing listens.",
        how="The Service's ports are compared with those of the containers; a probe shows whether a ready pod refuses one.",
        fix="Correct targetPort.",
    ),
    "endpoints_stale": CauseText(
        "The Service sends to addresses that no pod has",
        what="It has no selector, and its endpoints list the addresses of pods that no longer exist.",
        how="The addresses are compared with those of the pods and with the pod ranges of the nodes.",
        fix="Correct the endpoints, or give the Service a selector.",
    ),
    "service_protocol_mismatch": CauseText(
        "The Service's protocol differs from that of its pods",
        what="The Service forwards UDP and the container listens on TCP, or the reverse.",
        how="The protocols of the Service port and the container port are compared.",
        fix="Correct the protocol.",
    ),
    "all_backends_not_ready": CauseText(
        "None of the Service's pods is ready",
        what="The selector is correct, but every pod behind the Service is failing.",
        how="Matching pods exist, and none of them is ready.",
        fix="Fix the pods; see the cause given for them.",
    ),
    "scaled_to_zero": CauseText(
        "The workload behind the Service is scaled to zero",
        what="There are no pods because the workload has 0 replicas.",
        how="A workload whose template matches the selector has 0 replicas.",
        fix="Scale it up, unless this is intended.",
    ),
    "no_workload": CauseText(
        "There is no workload behind the Service",
        what="No workload of the namespace creates pods with the selected labels.",
        how="No pods or pod templates match, even approximately; the explanation states whether pods in other namespaces match.",
        fix="Deploy the workload, or delete the Service.",
    ),
    "service_missing": CauseText(
        "The Service that a workload calls does not exist",
        what="A workload calls a name that no Service of the namespace has.",
        how="The address in the caller's settings, the Services of the namespace, and the workload that such a Service would select.",
        fix="Create the Service, or correct the address.",
    ),
    "service_port_mismatch": CauseText(
        "The Service does not have the port that its callers use",
        what="All callers use the same port, or the port that the pods listen on; only the Service differs.",
        how="The Service's ports are compared with its callers' addresses and with the pods' ports.",
        fix="Correct the Service's port.",
    ),
    "selector_too_broad": CauseText(
        "The Service's selector matches pods of several workloads",
        what="Requests reach pods that cannot handle them.",
        how="Ready pods of more than one workload have the selected labels.",
        fix="Make the selector narrower.",
    ),
    "load_balancer_refused": CauseText(
        "The load balancer cannot be created",
        what="The load balancer controller reports an error: a quota, permissions, annotations, or no free address.",
        how="Events such as SyncLoadBalancerFailed, FailedDeployModel (AWS) or AllocationFailed (MetalLB).",
        fix="Read the controller's message.",
    ),
    "load_balancer_unserved": CauseText(
        "No controller provides load balancers",
        what="The Service waits for an external address, and no controller assigns one.",
        how="No address, and no Event about it.",
        fix="Install a controller, or use another type of Service.",
    ),
    "ingress_backend_missing": CauseText(
        "The Ingress sends to a Service or port that does not exist",
        what="A rule names a Service or port that does not exist.",
        how="The rules are compared with the namespace's Services and their ports.",
        fix="Create the Service, or correct the Ingress; the closest name is suggested.",
    ),
    "ingress_class_missing": CauseText(
        "No controller serves the Ingress",
        what="It names a class that does not exist, or no class while there is no default.",
        how="The cluster's IngressClasses; the closest name is suggested.",
        fix="Name an existing class.",
    ),
    "tls_secret_missing": CauseText(
        "The TLS Secret is missing",
        what="The Ingress or Gateway names a Secret that does not exist or holds no certificate.",
        how="The condition of the certificate, or the controller's message; Optral never reads the values of Secrets.",
        fix="Create the Secret with a certificate and its key.",
    ),
    "certificate_not_issued": CauseText(
        "The certificate has not been issued",
        what="Its issuer reports an error, or the challenge fails.",
        how="The certificate's Ready condition.",
        fix="Read the issuer's message.",
    ),
    "certificate_expiring": CauseText(
        "A certificate expires soon or has expired",
        what="It was not renewed in time.",
        how="The end of its validity.",
        fix="Renew it, and find out why it was not renewed automatically.",
    ),
    "gateway_not_programmed": CauseText(
        "The Gateway is not programmed",
        what="Its controller rejects it, or there is no controller.",
        how="The Gateway's Accepted and Programmed conditions.",
        fix="Correct what the controller rejects.",
    ),
    "route_not_accepted": CauseText(
        "The route is not accepted",
        what="A parent or backend that it names does not match.",
        how="The Accepted and ResolvedRefs conditions of its parents.",
        fix="Correct what the controller rejects.",
    ),
    "listener_rejects_route": CauseText(
        "No listener of the Gateway accepts the route",
        what="The listener that the route names does not exist, has another hostname, or does not accept routes of this namespace or kind.",
        how="The route's parentRefs, hostnames and namespace are compared with the Gateway's listeners.",
        fix="Correct the parentRef or hostnames of the route, or allow its namespace in the listener.",
    ),
    "reference_grant_missing": CauseText(
        "A route may not refer to a Service of another namespace",
        what="A reference to another namespace needs a ReferenceGrant there.",
        how="The route's backends are compared with the ReferenceGrants of their namespaces.",
        fix="Create the ReferenceGrant in the namespace of the Service.",
    ),
    "mesh_destination_missing": CauseText(
        "A mesh route leads to a Service or port that does not exist",
        what=(
            "A destination of a VirtualService names a host that no Service or ServiceEntry has, or a port that the Service does not have."
        ),
        how="The destinations are compared with the Services; short names are looked up in the namespace of the route.",
        fix="Correct the host or the port of the destination; the nearest name or the only port is suggested.",
    ),
    "mesh_subset_missing": CauseText(
        "A mesh route leads to a subset that is not defined",
        what="No DestinationRule for the host defines the subset that a VirtualService sends traffic to.",
        how="The destinations are compared with the DestinationRules for their hosts.",
        fix="Add the subset to the DestinationRule, or correct its name in the route.",
    ),
    "mesh_subset_selects_no_pod": CauseText(
        "A subset selects labels that no pod has",
        what="The subset exists, but no pod of the Service has its labels, so requests to it find no endpoint.",
        how="The labels of the subset are compared with the pods and pod templates behind the Service.",
        fix="Correct the labels of the subset, or deploy the version that it selects.",
    ),
    "mesh_reference_missing": CauseText(
        "A mesh route names a Gateway or VirtualService that does not exist",
        what="The route is not in effect, or the rule that delegates has no destination.",
        how="The Gateways and delegates that the VirtualService names are looked up in their namespaces.",
        fix="Correct the name; an object of another namespace is written `namespace/name`.",
    ),
    "mesh_tls_mismatch": CauseText(
        "Caller and server disagree about mutual TLS",
        what="The server's sidecar accepts only mutual TLS, and the caller has no sidecar or its DestinationRule disables TLS.",
        how="The log reports closed connections, a PeerAuthentication is STRICT for the server, and the caller sends plain text.",
        fix="Add the sidecar to the caller, correct the DestinationRule, or accept plain text.",
    ),
    "network_policy_blocks": CauseText(
        "A NetworkPolicy blocks required traffic",
        what="Traffic that no rule of a policy allows is dropped.",
        how="The policies that select the pods, and the traffic that they do not allow; a probe supports it or rules it out.",
        fix="Add a rule that allows it.",
    ),
    "policy_selects_nobody": CauseText(
        "A PodDisruptionBudget or NetworkPolicy selects labels that no pod has",
        what="It has no effect, and nothing reports that.",
        how="Its selector is compared with the pods and workloads of the namespace; the closest labels are suggested.",
        fix="Correct the selector, or delete it.",
    ),
    # --- What is wrong with nodes and the control plane.
    "stale_container": CauseText(
        "A container with the same name still exists",
        what="The runtime did not remove the container of a previous attempt.",
        how="The runtime reports that the name is already in use.",
        fix="Delete the pod; its controller creates a new one.",
    ),
    "kubelet_unreachable": CauseText(
        "The node has stopped reporting",
        what="The kubelet, the network or the machine is down: the control plane receives no heartbeat.",
        how="Ready is Unknown, and the node's lease is not renewed.",
        fix="Check the machine; cordon the node, and replace it if it does not recover.",
    ),
    "runtime_not_ready": CauseText(
        "The node's container runtime is not working",
        what="The kubelet runs but cannot talk to the container runtime.",
        how="The Ready condition's message names the runtime or PLEG, or sandboxes fail at the runtime's socket.",
        fix="Restart the runtime on the node.",
    ),
    "network_plugin_not_ready": CauseText(
        "The node's network plugin is not ready",
        what="Pods get no network on this node.",
        how="The message names CNI or NetworkPluginNotReady; the plugin's pod on the node is checked.",
        fix="Fix the plugin's pod on the node.",
    ),
    "node_missing": CauseText(
        "The pod is bound to a node that does not exist",
        what="A nodeName in the pod template bypasses the scheduler; without that node no kubelet starts the pod.",
        how="The pod has a nodeName that no Node has, and none of its containers has started.",
        fix="Correct nodeName, or remove it and let the scheduler choose.",
    ),
    "node_pressure": CauseText(
        "The node is short of memory, disk or process IDs",
        what="The kubelet evicts pods and accepts no new ones.",
        how="A pressure condition is True.",
        fix="Free the resource, or move pods to other nodes.",
    ),
    "node_saturated": CauseText(
        "The node has no CPU or memory left",
        what="Everything on the node is slow, or about to be evicted, although the node reports no problem.",
        how="The usage of the node over ten minutes and its capacity in the kubelet's metrics, with the pods that use most.",
        fix="Limit what uses most, give it requests that match its usage, or add a node.",
    ),
    "node_not_ready": CauseText(
        "The node is not ready",
        what="The kubelet reports that the node cannot run pods.",
        how="The Ready condition is False, for a reason that no other cause in this list covers.",
        fix="Read the condition's message; cordon the node.",
    ),
    "sandbox_failed": CauseText(
        "The pod's sandbox cannot be created",
        what="The node cannot set up a network for the pod, has no free address, or lacks the handler of its RuntimeClass.",
        how="FailedCreatePodSandBox with a message of the network plugin or the container runtime.",
        fix="Check the network plugin on that node, or what the message names.",
    ),
    "evicted": CauseText(
        "The pod was evicted from its node",
        what="The node ran short of a resource, or the pod used more than it is allowed to.",
        how="The pod's reason is Evicted; its message names the resource.",
        fix="Set requests that match the actual usage; check the node.",
    ),
    "scheduler_unavailable": CauseText(
        "The scheduler is not running",
        what="Nothing assigns pods to nodes.",
        how="A pod has no PodScheduled condition long after it was created.",
        fix="Check the kube-scheduler pod of the control plane.",
    ),
    "node_network_unavailable": CauseText(
        "The node's network is not set up",
        what="Routes or the node's network plugin are missing.",
        how="The condition NetworkUnavailable is True.",
        fix="Check the network plugin or the cloud provider's routes.",
    ),
    "node_damaged": CauseText(
        "The node reports a permanent problem",
        what="The machine's kernel, disk or clock, or one of its services, is broken.",
        how="A condition of the node problem detector is True.",
        fix="Replace the machine if it does not recover.",
    ),
    "node_unsteady": CauseText(
        "The node alternates between ready and not ready",
        what="The kubelet, the network or the memory of the machine is at its limit.",
        how="The Ready condition changes several times within 15 minutes.",
        fix="Cordon it; check its kubelet.",
    ),
    "node_shut_down": CauseText(
        "The pod's node was shut down or is gone",
        what="The machine is gone, and its pods with it.",
        how="The pod's reason, or the node's absence.",
        fix="Nothing, if replacements run; delete pods that are left over.",
    ),
    "containers_not_stopped": CauseText(
        "The node cannot stop the pod's containers",
        what="The runtime does not respond, or a process in a container cannot be interrupted.",
        how="FailedKillPod while the pod is being deleted.",
        fix="Check the container runtime on that node.",
    ),
    "control_plane_down": CauseText(
        "A component of the control plane is down",
        what="The scheduler, controller manager, etcd or API server is not ready.",
        how="Its pod or its lease.",
        fix="Check this component on the control plane node.",
    ),
    "dns_unavailable": CauseText(
        "The cluster DNS does not respond",
        what="No pod behind the DNS Service is ready.",
        how="The DNS workload and its pods.",
        fix="Fix it first: every name lookup in the cluster fails without it.",
    ),
    # --- What is wrong with rollouts, jobs and scaling.
    "job_deadline": CauseText(
        "The Job ran longer than its deadline",
        what="activeDeadlineSeconds was exceeded.",
        how="The Failed condition has the reason DeadlineExceeded.",
        fix="Find out whether it is slow or stuck; raise the deadline if it is slow.",
    ),
    "job_script_failed": CauseText(
        "The Job's program fails",
        what="Every attempt exits with an error.",
        how="BackoffLimitExceeded, and the exit code and log lines of the last pod.",
        fix="Fix the program or its input, then run the Job again.",
    ),
    "job_policy_failed": CauseText(
        "The Job's pod failure policy ended it",
        what="A pod ended with an exit code or condition that the policy treats as final.",
        how="The Failed condition has the reason PodFailurePolicy.",
        fix="Check the rule that matched.",
    ),
    "bad_rollout": CauseText(
        "The newest revision does not become ready, unlike the previous one",
        what="Something in the last change breaks the workload.",
        how="Pods of the newest revision fail, and the failure started after it; the differences are listed.",
        fix="Roll back to the previous revision.",
    ),
    "too_slow_rollout": CauseText(
        "The rollout takes longer than its deadline",
        what="Pods become ready, but later than progressDeadlineSeconds allows.",
        how="The new pods run without a failure and are not ready yet.",
        fix="Raise the deadline, or make the startup faster.",
    ),
    "rollout_paused": CauseText(
        "The rollout is paused",
        what="Changes are recorded but not rolled out, including one that would fix the failing pods.",
        how="`spec.paused`, and the template compared with the newest ReplicaSet.",
        fix="Resume the rollout, unless it is paused on purpose.",
    ),
    "update_held_back": CauseText(
        "The update strategy keeps pods on the old revision",
        what="A partition, the OnDelete strategy, or a broken pod that OrderedReady waits for keeps pods on the old revision.",
        how="The update strategy and pod management policy in the spec, and the revisions of the pods.",
        fix="Lower the partition, or delete the pods of the old revision.",
    ),
    "controller_not_acting": CauseText(
        "The controller is not acting",
        what="The controller has not processed the latest change.",
        how="observedGeneration, or a scheduled time that passed without a run.",
        fix="Check the controller manager.",
    ),
    "pods_on_wrong_nodes": CauseText(
        "Pods run on nodes where they should not run",
        what="A taint or label changed after they were scheduled.",
        how="numberMisscheduled of the DaemonSet.",
        fix="Compare selector and tolerations with the nodes.",
    ),
    "sidecar_keeps_job": CauseText(
        "Another container keeps the Job from completing",
        what="The main container has completed, but another container of the pod keeps running.",
        how="The states of the pod's containers.",
        fix="Make it a sidecar: an init container with restartPolicy Always.",
    ),
    "job_runs_long": CauseText(
        "The Job is running unusually long",
        what="Its pod is still running; it is slow or stuck.",
        how="The Job's times, and no better explanation.",
        fix="Check whether it makes progress.",
    ),
    "pod_deadline": CauseText(
        "The pod ran longer than its deadline",
        what="The pod's activeDeadlineSeconds was exceeded.",
        how="The pod's reason is DeadlineExceeded.",
        fix="Find out whether it is slow or stuck.",
    ),
    "schedule_invalid": CauseText(
        "The schedule is invalid",
        what="The schedule cannot be parsed, the time zone is unknown, or the date never occurs.",
        how="The CronJob's schedule, and its controller's message.",
        fix="Correct the schedule.",
    ),
    "suspended": CauseText(
        "The CronJob is suspended",
        what="It does not run while suspended.",
        how="`spec.suspend`.",
        fix="Resume it, unless it is suspended on purpose.",
    ),
    "earlier_run_still_active": CauseText(
        "A previous run is still active",
        what="Runs must not overlap, and the previous one does not finish.",
        how="The CronJob's active runs and its concurrencyPolicy.",
        fix="Find out why the previous run does not finish.",
    ),
    "hpa_needs_requests": CauseText(
        "The autoscaler needs a resource request that is not set",
        what="Utilization is measured against the request, and a container has none.",
        how="The ScalingActive condition names the missing request.",
        fix="Set the request.",
    ),
    "metrics_unavailable": CauseText(
        "The autoscaler gets no metrics",
        what="The metrics server or an adapter does not respond.",
        how="The ScalingActive condition.",
        fix="Fix the metrics server or the adapter.",
    ),
    "pods_without_metrics": CauseText(
        "The metrics API has no metrics for the pods",
        what=(
            "The metrics API answers, but has no metrics for the pods that the autoscaler scales: none is ready, or their metrics "
            "are not collected."
        ),
        how="The ScalingActive condition reports that no metrics were returned, and how many pods are ready.",
        fix="Fix the pods if they are not ready; otherwise check the metrics server, or what exports the metric.",
    ),
    "hpa_target_missing": CauseText(
        "The autoscaler's target does not exist",
        what="scaleTargetRef names an object that does not exist.",
        how="The namespace's workloads; the closest name is suggested.",
        fix="Correct the reference.",
    ),
    "hpa_misconfigured": CauseText(
        "The autoscaler's metric or selector is invalid",
        what="A condition of the autoscaler reports an error.",
        how="The ScalingActive or AbleToScale condition.",
        fix="Correct what the condition names.",
    ),
    "hpa_limit_reached": CauseText(
        "The autoscaler has reached its maximum",
        what="The load needs more replicas than maxReplicas allows.",
        how="The desired replicas are at the maximum.",
        fix="Raise the maximum, or find out what causes the load.",
    ),
    "budget_too_strict": CauseText(
        "The PodDisruptionBudget allows no disruption",
        what="It requires all pods to stay, so none of their nodes can be drained.",
        how="The budget's numbers while all pods are healthy.",
        fix="Allow one pod to be unavailable, or run one more replica.",
    ),
    "too_few_healthy_pods": CauseText(
        "Fewer pods are healthy than the PodDisruptionBudget requires",
        what="The pods behind the budget are failing.",
        how="The budget's numbers.",
        fix="Fix the pods; see the cause given for them.",
    ),
    # --- What differs between pods of one revision, what the node and its kernel allow, and settings that only one workload has.
    "service_network_broken": CauseText(
        "Services cannot be reached from one node",
        what="kube-proxy or the network plugin of one node does not work: pods on it cannot reach Services, and the same pods on "
        "other nodes can.",
        how=(
            "Pods of one revision are compared by node, with the log of a failed connection and the pods of kube-proxy and the "
            "plugin there."
        ),
        fix="Fix or restart kube-proxy or the network plugin on the node; cordon it meanwhile.",
    ),
    "pods_fail_on_one_node": CauseText(
        "Pods fail only on one node",
        what="The pods of a revision fail on one node and run on the others, so the node is at fault: its disk, DNS, network or kubelet.",
        how="Pods of one revision, and other workloads on the node, are compared by node.",
        fix="Cordon the node and check it.",
    ),
    "config_changed": CauseText(
        "A ConfigMap was changed, and containers started since then fail",
        what="Containers that started before the change still run with the old values.",
        how="The last write of each ConfigMap that the container reads is compared with the start of its pods.",
        fix="Correct the ConfigMap, or restore its previous values.",
    ),
    "image_tag_moved": CauseText(
        "The image tag now points to another image",
        what="The tag was pushed again: pods that pulled it later run another image and fail.",
        how="The image digests of pods that fail and pods that run are compared; the spec is the same.",
        fix="Pin the image to the digest of the pods that run.",
    ),
    "dns_policy_wrong": CauseText(
        "The pod does not use the cluster DNS",
        what="Its dnsPolicy, or hostNetwork without `ClusterFirstWithHostNet`, makes it query name servers that cannot resolve Services.",
        how="The log or the template has the name of a Service that exists, and the pod's dnsPolicy points to other name servers.",
        fix="Set dnsPolicy to `ClusterFirst`, or to `ClusterFirstWithHostNet` for a pod with hostNetwork.",
    ),
    "dns_config_wrong": CauseText(
        "The pod's dnsConfig does not complete the name",
        what="Its search domains or its ndots keep a short name of a Service from being completed.",
        how="The log or the template has the name of a Service that exists; it is completed with the pod's searches and ndots.",
        fix="Correct `searches` and `ndots` in dnsConfig, or use the full name.",
    ),
    "wrong_address_in_secret": CauseText(
        "A Secret holds a wrong address",
        what="The host or port that the program calls is wrong; the address comes from a Secret or ConfigMap whose values are not read.",
        how=(
            "The log names what is called, and the Service has another port or nearly this name. Or a connection to an unnamed "
            "server fails, while all servers of its kind and all other workloads with such settings are ready."
        ),
        fix="Correct the key of the Secret, then restart the workload.",
    ),
    "wrong_setting_in_secret": CauseText(
        "A Secret holds a wrong connection setting",
        what=(
            "The host, port, user, password or database name with which one workload connects to its server is wrong; it is not "
            "known which of them."
        ),
        how=(
            "The program exits with an error, while all servers of the kind that its settings name and all other workloads with "
            "such settings are ready."
        ),
        fix="Compare the Secret with that of a workload that works, then restart.",
    ),
    "service_link_collides": CauseText(
        "A variable that Kubernetes sets for a Service collides with a setting",
        what="For a Service `redis` every pod of the namespace gets `REDIS_PORT=tcp://…`, which programs read as a port number.",
        how="The log quotes a `tcp://` address that it cannot parse, and that address is the cluster IP of a Service.",
        fix="Set `enableServiceLinks: false`, or set the variable in the container.",
    ),
    "service_account_token_missing": CauseText(
        "The program needs a ServiceAccount token that is not mounted",
        what="`automountServiceAccountToken: false` keeps the token out of the pod, and the program calls the Kubernetes API.",
        how="The log reports the missing token, and the pod or its ServiceAccount sets automountServiceAccountToken to false.",
        fix="Set automountServiceAccountToken to true for this workload.",
    ),
    "user_not_in_image": CauseText(
        "The user that runs the program does not exist in the image",
        what="The container runs as a user ID that is not in the image's /etc/passwd, and the program looks up its own user.",
        how="Log lines such as `could not look up effective user ID`, and the runAsUser of the pod.",
        fix="Run it as a user of the image, or add the user to the image.",
    ),
    "privileged_port": CauseText(
        "The program may not listen on a port below 1024",
        what="It does not run as root and lacks the capability NET_BIND_SERVICE.",
        how="The log reports that binding a port below 1024 is denied.",
        fix="Listen on port 1024 or higher, or add NET_BIND_SERVICE.",
    ),
    "route_backend_wrong": CauseText(
        "A route leads to a wrong Service or port",
        what=(
            "A backend of a route names a Service that does not exist, or a port that the Service does not have; or a route in the "
            "configuration of a gateway leads to a Service that does not serve its path."
        ),
        how=(
            "The backends of a route of the Gateway API are compared with the Services of their namespaces, and the routes in a "
            "ConfigMap with each other: every other path leads to the Service that it names, and no route leads to the Service "
            "that this path names."
        ),
        fix="Correct the name or the port of the backend, or the target of the path.",
    ),
    "shared_memory_too_small": CauseText(
        "Shared memory is too small",
        what="Container runtimes give /dev/shm 64 MiB; databases and machine learning programs need more.",
        how="The log reports it, and the mounts of the container show whether a volume is at /dev/shm.",
        fix="Mount an emptyDir with `medium: Memory` at /dev/shm.",
    ),
    "file_descriptor_limit": CauseText(
        "A limit of open files or watches is reached",
        what="The process has too many files open, or the pods of a node together use too many inotify watches.",
        how="Log lines such as `too many open files` or `User limit of inotify instances reached`.",
        fix="Raise the limit, or find the leak.",
    ),
    "process_limit": CauseText(
        "No more threads or processes can be started",
        what="The limit of process IDs of the pod or node is reached; it looks like a memory shortage but is not.",
        how="Log lines such as `unable to create native thread` or `fork: Resource temporarily unavailable`.",
        fix="Raise the kubelet's podPidsLimit, or lower the number of threads.",
    ),
    "kernel_setting_too_low": CauseText(
        "A kernel setting of the node is too low",
        what="The program refuses to start below a minimum, such as `vm.max_map_count` for Elasticsearch.",
        how="The log names the setting and its value.",
        fix="Raise the setting on the node.",
    ),
    "ip_family_unsupported": CauseText(
        "The node lacks an IP family that the program uses",
        what="The program listens on or calls an IPv6 address and the node has none, or the reverse.",
        how="Log lines such as `Address family not supported by protocol`.",
        fix="Configure the program for the family of the cluster.",
    ),
    "clock_skew": CauseText(
        "A clock is out of sync",
        what="Tokens and certificates are refused because the clock of a node or server is ahead or behind.",
        how="Log lines such as `token used before issued` or `current time … is before …`.",
        fix="Synchronize the clocks with NTP.",
    ),
    "data_version_incompatible": CauseText(
        "The data was written by another version",
        what="The image upgraded or downgraded the database, but its data directory was not converted.",
        how="The log reports the incompatible version; a change of the image is shown with both values.",
        fix="Go back to the image that wrote the data, or migrate the data.",
    ),
    "data_directory_locked": CauseText(
        "Another process holds the data directory",
        what="Two pods use one directory, for example during a rolling update, or a lock was left behind.",
        how="The log reports the lock; other pods that mount the same claim are named.",
        fix="Make sure that only one instance uses the directory, for example with the Recreate strategy.",
    ),
    "database_migration_stuck": CauseText(
        "A database migration is locked or failed halfway",
        what="A pod was stopped during a migration, and its lock or the failed version stayed in the database.",
        how="Log lines of Liquibase, Flyway, golang-migrate, Knex and others.",
        fix="Release the lock or repair the migration, then start again.",
    ),
    "api_version_removed": CauseText(
        "The program uses an API that the cluster does not serve",
        what="The API version was removed by an upgrade of the cluster, or its CustomResourceDefinition is not installed.",
        how="The log names the kind and its version.",
        fix="Upgrade the program, or install the definition.",
    ),
    "leader_election_lost": CauseText(
        "A controller lost its leader election",
        what="It could not renew its lease in time and stopped itself: the API server was slow, or the pod had no CPU.",
        how="Log lines such as `leaderelection lost`.",
        fix="Check the latency of the API server and the CPU of the pod.",
    ),
    "dependency_rate_limited": CauseText(
        "A server limits the rate of requests",
        what="The program calls another system more often than it allows.",
        how="Log lines such as `429 Too Many Requests` or `ThrottlingException`.",
        fix="Raise the limit, or call less often with backoff.",
    ),
    # --- Why requests take long.
    "slow_new_version": CauseText(
        "The new version answers more slowly",
        what="Requests take longer in the pods of the newest revision than in those of the revision before.",
        how=(
            "Request durations in your own Prometheus, from series proven to belong to these pods: by revision, or before and after "
            "the rollout."
        ),
        fix="Roll back, and profile what the new version does in each request.",
    ),
    "slow_on_one_node": CauseText(
        "Only the pods on one node answer slowly",
        what="Pods of the same workload on other nodes answer as fast as usual, so the node or its network is at fault.",
        how="Request durations in your own Prometheus, from series proven to belong to these pods, compared by node.",
        fix="Cordon the node, delete the pods there so that they start elsewhere, and look at its CPU, disk and network.",
    ),
    "segments_sent_again": CauseText(
        "A node retransmits many TCP segments",
        what="Packets between this node and others are lost, so connections wait for retransmissions.",
        how="node-exporter's counters of sent and retransmitted TCP segments.",
        fix="Check the network interface of the node, its cables or the host that it runs on, and the MTU of the pod network.",
    ),
    "slow_network_of_pods": CauseText(
        "The network of the workload's pods is slow",
        what="The pods answer fewer requests and send at least as many packets as before, while their CPU and nodes are as usual.",
        how=(
            "Request durations in your own Prometheus, from series proven to belong to these pods, and cAdvisor's packet counters, "
            "now and an hour before."
        ),
        fix="Check what delays their traffic: traffic control on their interfaces, a sidecar proxy, the CNI plugin, or network policies.",
    ),
    "more_requests_than_it_can_serve": CauseText(
        "More requests arrive than the workload can serve in time",
        what="The number of requests rose together with their duration, while what the workload calls is as fast as usual.",
        how="Request rates and durations in your own Prometheus, from series proven to belong to these pods, before and since.",
        fix="Add replicas, or let a HorizontalPodAutoscaler do it; then find out where the requests come from.",
    ),
    "slow_itself": CauseText(
        "The workload itself is slow",
        what="Its requests take longer than usual, and nothing that it calls does.",
        how=(
            "Request durations in your own Prometheus, from series proven to belong to these pods and to everything that the "
            "workload's template calls."
        ),
        fix=(
            "Look for locks, garbage collection, an exhausted pool of connections or threads, or a data set that grew; a profile "
            "shows which."
        ),
    ),
}
