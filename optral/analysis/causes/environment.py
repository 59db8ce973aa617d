"""What differs between pods of one revision, what the node and its kernel allow, and settings that only one workload has."""

from functools import partial

from optral.analysis.causes.cause import Cause

_node = partial(Cause, "node")
_configuration = partial(Cause, "configuration")
_image = partial(Cause, "image")
_network = partial(Cause, "network")
_dependency = partial(Cause, "dependency")
_security = partial(Cause, "security")
_memory = partial(Cause, "memory")
_crash = partial(Cause, "crash")
_storage = partial(Cause, "storage")
_api = partial(Cause, "api")
_control_plane = partial(Cause, "control-plane")

CAUSES = (
    # --- comparisons
    _node(
        "service_network_broken",
        "Services cannot be reached from one node",
        "kube-proxy or the network plugin of one node does not work: the pods there reach no Service, the same pods elsewhere do.",
        "Pods of one revision are compared by node, with the log of a failed connection and the pods of kube-proxy and the plugin there.",
        "Fix or restart kube-proxy or the network plugin on the node; cordon it meanwhile.",
        ("node", "count", "log_line"),
    ),
    _node(
        "pods_fail_on_one_node",
        "Pods fail only on one node",
        "The pods of a revision fail on one node and run on the others, so the node is at fault: its disk, DNS, network or kubelet.",
        "Pods of one revision, and other workloads on the node, are compared by node.",
        "Cordon the node and check it.",
        ("node", "count"),
    ),
    _configuration(
        "config_changed",
        "A ConfigMap was changed, and containers started since then fail",
        "Containers that started before the change still run with the old values.",
        "The last write of each ConfigMap that the container reads is compared with the start of its pods.",
        "Correct the ConfigMap, or restore what it held.",
        ("object", "since", "count"),
    ),
    _image(
        "image_tag_moved",
        "A tag now means another image",
        "The tag was pushed again: pods that pulled it later run another image and fail.",
        "The image digests of pods that fail and pods that run are compared; the spec is the same.",
        "Pin the image to the digest that runs.",
        ("image", "previous", "current", "count"),
    ),
    # --- settings of one workload
    _network(
        "dns_policy_wrong",
        "The pod does not ask the cluster's DNS",
        "Its dnsPolicy, or hostNetwork without `ClusterFirstWithHostNet`, makes it ask name servers that do not know Services.",
        "The log or the template has the name of a Service that exists, and the pod's dnsPolicy leads elsewhere.",
        "Set dnsPolicy to `ClusterFirst`, with hostNetwork to `ClusterFirstWithHostNet`.",
        ("setting", "service"),
    ),
    _network(
        "dns_config_wrong",
        "The pod's dnsConfig does not complete the name",
        "Its search domains or its ndots keep a short name of a Service from being completed.",
        "The log or the template has the name of a Service that exists; it is completed with the pod's searches and ndots.",
        "Correct searches and ndots of dnsConfig, or use the full name.",
        ("setting", "address", "service"),
    ),
    _dependency(
        "wrong_address_in_secret",
        "A Secret holds a wrong address",
        "The host or port that the program calls is wrong; the address comes from a Secret or ConfigMap whose values are not read.",
        "The log names what is called, and the Service has another port or nearly this name. Or a connection fails to a server that is not "
        "named, while all servers of its kind and all other workloads with such settings are ready.",
        "Correct the key of the Secret, then restart the workload.",
        ("object", "address|log_line"),
    ),
    _dependency(
        "wrong_setting_in_secret",
        "A Secret holds a wrong connection setting",
        "The host, port, user, password or database name with which one workload connects to its server is wrong; which one is not known.",
        "The program exits with an error, while all servers of the kind that its settings name and all other workloads with such settings "
        "are ready.",
        "Compare the Secret with that of a workload that works, then restart.",
        ("object", "count"),
    ),
    _configuration(
        "service_link_collides",
        "A variable that Kubernetes sets for a Service collides with a setting",
        "For a Service `redis` every pod of the namespace gets `REDIS_PORT=tcp://…`, which programs read as a port number.",
        "The log quotes a `tcp://` address that it cannot parse, and that address is the cluster IP of a Service.",
        "Set `enableServiceLinks: false`, or set the variable in the container.",
        ("service", "setting", "log_line"),
    ),
    _security(
        "service_account_token_missing",
        "The program needs a ServiceAccount token that is not mounted",
        "`automountServiceAccountToken: false` keeps the token out of the pod, and the program calls the Kubernetes API.",
        "The log reports the missing token, and the pod or its ServiceAccount sets automountServiceAccountToken to false.",
        "Set automountServiceAccountToken to true for this workload.",
        ("setting", "path", "log_line"),
    ),
    _security(
        "user_not_in_image",
        "The image does not know the user that runs the program",
        "The container runs as a user ID that /etc/passwd of its image does not have, and the program looks up its own user.",
        "Log lines such as `could not look up effective user ID`, and the runAsUser of the pod.",
        "Run it as a user of the image, or add the user to the image.",
        ("user", "log_line"),
    ),
    _security(
        "privileged_port",
        "The program may not listen on a port below 1024",
        "It does not run as root and lacks the capability NET_BIND_SERVICE.",
        "The log reports that binding a port below 1024 is denied.",
        "Listen on a port from 1024 up, or add NET_BIND_SERVICE.",
        ("port", "log_line"),
    ),
    _network(
        "route_backend_wrong",
        "A route leads to a wrong Service or port",
        "A backend of a route names a Service that does not exist, or a port that the Service does not have; or a route in the "
        "configuration of a gateway leads to another Service than the one of its path.",
        "The backends of a route of the Gateway API are compared with the Services of their namespaces, and the routes in a ConfigMap with "
        "each other: the other paths lead to the Services that they name, and no route leads to the Service of this path.",
        "Correct the name or the port of the backend, or the target of the path.",
        ("service", "object|port"),
    ),
    # --- limits of the node and its kernel
    _memory(
        "shared_memory_too_small",
        "Shared memory is too small",
        "Container runtimes give /dev/shm 64 MiB; databases and machine learning programs need more.",
        "The log reports it, and the mounts of the container show whether a volume is at /dev/shm.",
        "Mount an emptyDir with `medium: Memory` at /dev/shm.",
        ("path", "log_line"),
    ),
    _crash(
        "file_descriptor_limit",
        "A limit of open files or watches is reached",
        "The process has too many files open, or the pods of a node together too many inotify watches.",
        "Log lines such as `too many open files` or `User limit of inotify instances reached`.",
        "Raise the limit, or find the leak.",
        ("setting", "log_line"),
    ),
    _crash(
        "process_limit",
        "No more threads or processes can be started",
        "The limit of process IDs of the pod or node is reached; it looks like a lack of memory and is none.",
        "Log lines such as `unable to create native thread` or `fork: Resource temporarily unavailable`.",
        "Raise the kubelet's podPidsLimit, or lower the number of threads.",
        ("log_line",),
    ),
    _node(
        "kernel_setting_too_low",
        "A kernel setting of the node is too low",
        "The program refuses to start below a minimum, such as `vm.max_map_count` for Elasticsearch.",
        "The log names the setting and its value.",
        "Raise the setting on the node.",
        ("setting", "current", "log_line"),
    ),
    _network(
        "ip_family_unsupported",
        "The node lacks an IP family that the program uses",
        "The program listens on or calls an IPv6 address and the node has none, or the reverse.",
        "Log lines such as `Address family not supported by protocol`.",
        "Configure the program for the family of the cluster.",
        ("log_line",),
    ),
    _node(
        "clock_skew",
        "A clock is wrong",
        "Tokens and certificates are refused because the clock of a node or server is ahead or behind.",
        "Log lines such as `token used before issued` or `current time … is before …`.",
        "Synchronize the clocks with NTP.",
        ("log_line",),
    ),
    # --- data and other systems
    _storage(
        "data_version_incompatible",
        "The data was written by another version",
        "A database was upgraded or downgraded by its image, and its data directory was not.",
        "The log reports the incompatible version; a change of the image is shown with both values.",
        "Go back to the image that wrote the data, or migrate the data.",
        ("image", "log_line"),
    ),
    _storage(
        "data_directory_locked",
        "Another process holds the data directory",
        "Two pods use one directory, for example during a rolling update, or a lock was left behind.",
        "The log reports the lock; other pods that mount the same claim are named.",
        "Let one instance use the directory; use the strategy Recreate.",
        ("log_line",),
    ),
    _dependency(
        "database_migration_stuck",
        "A database migration is locked or failed halfway",
        "A pod was stopped during a migration, and its lock or the failed version stayed in the database.",
        "Log lines of Liquibase, Flyway, golang-migrate, Knex and others.",
        "Release the lock or repair the migration, then start again.",
        ("log_line",),
    ),
    _api(
        "api_version_removed",
        "The program uses an API that the cluster does not serve",
        "The API version was removed by an upgrade of the cluster, or its CustomResourceDefinition is not installed.",
        "The log names the kind and its version.",
        "Upgrade the program, or install the definition.",
        ("object", "current", "log_line"),
    ),
    _control_plane(
        "leader_election_lost",
        "A controller lost its leader election",
        "It could not renew its lease in time and stopped itself: the API server was slow, or the pod had no CPU.",
        "Log lines such as `leaderelection lost`.",
        "Check the latency of the API server and the CPU of the pod.",
        ("log_line",),
    ),
    _dependency(
        "dependency_rate_limited",
        "A server limits the rate of requests",
        "The program calls another system more often than that allows.",
        "Log lines such as `429 Too Many Requests` or `ThrottlingException`.",
        "Raise the limit, or call less often with backoff.",
        ("address|log_line",),
    ),
)
