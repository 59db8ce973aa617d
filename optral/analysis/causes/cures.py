"""Which built-in runbooks an analysis suggests for each cause, or why it suggests none. A cause without a decision fails a test."""

from collections.abc import Mapping

RUNBOOKS: Mapping[str, tuple[str, ...]] = {
    "memory_limit_too_low": ("raise-memory-limit",),
    "memory_limit_lowered": ("raise-memory-limit", "rollback-workload"),
    "memory_regression_after_rollout": ("rollback-workload", "raise-memory-limit"),
    "memory_leak": ("restart-workload", "raise-memory-limit"),
    "memory_follows_load": ("raise-memory-limit",),
    "cpu_limit_too_low": ("raise-cpu-limit",),
    "init_memory_too_small": ("raise-memory-limit",),
    "command_not_found": ("rollback-workload",),
    "missing_env_or_config": ("rollback-workload",),
    "missing_config_map": ("rollback-workload",),
    "wrong_dependency_address": ("rollback-workload",),
    "image_tag_not_found": ("rollback-workload", "fix-image-tag"),
    "image_tag_moved": ("fix-image-tag",),
    "image_pull_unauthorized": ("set-pull-secret",),
    "liveness_probe_wrong_port": ("set-probe",),
    "liveness_probe_wrong_path": ("set-probe-path",),
    "liveness_probe_too_tight": ("rollback-workload", "set-probe"),
    "liveness_probe_unhealthy": ("restart-workload", "delete-pod"),
    "readiness_probe_wrong_port": ("rollback-workload", "set-probe"),
    "readiness_probe_wrong_path": ("set-probe-path",),
    "readiness_probe_too_tight": ("set-probe",),
    "startup_probe_wrong": ("set-probe", "set-probe-path"),
    "startup_probe_too_tight": ("set-probe",),
    "startup_probe_unhealthy": ("restart-workload",),
    "insufficient_cpu": ("rollback-workload", "set-request"),
    "insufficient_memory": ("rollback-workload", "set-request"),
    "node_cordoned": ("uncordon-node",),
    "disk_full": ("expand-volume",),
    "volume_fills_up": ("expand-volume",),
    "quota_exceeded": ("scale-workload", "raise-quota"),
    "selector_mismatch": ("set-service-selector",),
    "target_port_mismatch": ("set-target-port",),
    "service_protocol_mismatch": ("set-port-protocol",),
    "scaled_to_zero": ("scale-workload",),
    "stale_container": ("delete-pod",),
    "kubelet_unreachable": ("cordon-node",),
    "runtime_not_ready": ("cordon-node",),
    "network_plugin_not_ready": ("cordon-node",),
    "node_pressure": ("cordon-node", "drain-node"),
    "node_not_ready": ("cordon-node",),
    "node_network_unavailable": ("cordon-node",),
    "node_damaged": ("cordon-node", "drain-node"),
    "node_unsteady": ("cordon-node", "drain-node"),
    "service_network_broken": ("cordon-node",),
    "pods_fail_on_one_node": ("cordon-node",),
    "bad_rollout": ("rollback-workload",),
    "suspended": ("resume-cronjob",),
    "job_runs_long": ("restart-job",),
    "certificate_expiring": ("renew-certificate",),
    "finalizer_not_removed": ("report-finalizers",),
    "volume_left_over": ("report-released-volume",),
    "hpa_needs_requests": ("set-request",),
    "hpa_limit_reached": ("set-hpa-bounds",),
    "slow_new_version": ("rollback-workload",),
    "update_held_back": ("delete-pod",),
    "slow_on_one_node": ("cordon-node",),
    "segments_sent_again": ("cordon-node",),
    "more_requests_than_it_can_serve": ("scale-workload",),
    "slow_itself": ("restart-workload",),
    "slow_network_of_pods": ("restart-workload",),
}
"""Cause → the runbooks, each shown by at least one case of the tests. Not listed: `collect-diagnostics`, which changes nothing, and
`rerun-job`, which is suggested after the others for every Job that failed because of another object.
"""

NOT_SUGGESTED: Mapping[str, str] = {
    "collect-diagnostics": "it changes nothing, and is suggested in addition to other actions that are not sufficient",
    "rerun-job": "it is suggested after the others for every Job that failed because of another object",
    "evict-pod": "pods that an analysis suggests replacing serve no traffic, and delete-pod does not wait for a PodDisruptionBudget",
    "suspend-cronjob": "it fixes no cause: a person has to decide whether runs may stop until somebody resumes them",
}
"""Built-in runbook → why no cause has it."""

_PROGRAM = "the program, its image or its own settings have to be corrected"
_CONTENT = "the missing object or key has to be created, and its content is not in the cluster"
_POD_SPEC = "runbooks do not change the environment, command, security context, volumes or DNS settings of a pod"
_OUTSIDE = "the failure is outside the control of the API server: a machine, a network, a registry, a driver or another system"
_ELSEWHERE = "the failing object has its own cause, and its analysis suggests the runbook"
_PLACEMENT = "a person has to decide where the pods may run and what they request"
_ROUTING = "runbooks do not change routes, policies, webhooks, certificates or other custom resources"
_POLICY = "the rule that rejects it may be intended, so a person has to decide whether to change the rule or the object"
_DATA = "data could be lost"
_TIME = "it is not known whether it needs more time or hangs"
_SERVICE = "runbooks change only the selector, target ports and protocols of a Service"

_NONE: Mapping[str, tuple[str, ...]] = {
    _PROGRAM: (
        "application_out_of_memory", "library_missing", "permission_denied", "wrong_architecture", "port_in_use", "exits_zero",
        "invalid_config", "database_schema_missing", "segmentation_fault", "application_error", "image_damaged", "privileged_port",
        "file_permission_denied", "application_slow", "readiness_probe_unhealthy", "job_script_failed", "job_policy_failed",
        "data_version_incompatible", "database_migration_stuck", "api_version_removed", "leader_election_lost", "user_not_in_image",
        "config_changed", "application_logs_error",
    ),
    _CONTENT: (
        "missing_secret", "missing_key", "bad_credentials", "certificate_invalid", "invalid_image_name",
        "rbac_forbidden", "priority_class_missing", "storage_class_missing", "no_default_storage_class", "no_matching_volume",
        "service_account_missing", "no_workload", "service_missing", "tls_secret_missing", "wrong_address_in_secret",
        "wrong_setting_in_secret",
        "reference_missing",
    ),
    _POD_SPEC: (
        "working_directory_invalid", "invalid_mount", "run_as_root_conflict", "lifecycle_hook_failed",
        "liveness_probe_wrong_protocol", "liveness_probe_wrong_command", "readiness_probe_wrong_protocol", "readiness_probe_wrong_command",
        "dns_policy_wrong", "dns_config_wrong", "service_link_collides", "service_account_token_missing", "shared_memory_too_small",
        "sidecar_keeps_job", "image_not_on_node", "connection_protocol_mismatch", "circular_wait",
    ),
    _OUTSIDE: (
        "unreachable_for_one_caller", "image_registry_unreachable", "image_signature_rejected", "pull_rate_limited", "packets_lost",
        "provisioner_failing",
        "device_unavailable", "security_profile_unavailable", "runtime_hook_failed",
        "volume_attach_failed", "volume_mount_failed", "load_balancer_refused", "load_balancer_unserved", "node_missing", "sandbox_failed",
        "scheduler_unavailable", "node_shut_down", "containers_not_stopped", "control_plane_down", "dns_unavailable",
        "controller_not_acting", "metrics_unavailable", "pods_without_metrics",
        "file_descriptor_limit", "process_limit", "kernel_setting_too_low",
        "ip_family_unsupported", "clock_skew", "dependency_rate_limited", "dependency_connections_exhausted", "dependency_read_only",
        "dependency_memory_full", "api_group_unavailable", "readiness_gate_not_met", "volume_resize_failed",
    ),
    _ELSEWHERE: (
        "dependency_unavailable", "dependency_disk_full", "all_backends_not_ready", "init_container_hangs", "webhook_unavailable",
        "too_few_healthy_pods",
        "earlier_run_still_active", "pvc_unbound", "reported_by_controller",
    ),
    _PLACEMENT: (
        "insufficient_resource", "node_selector_mismatch", "node_affinity_mismatch", "untolerated_taint", "anti_affinity",
        "affinity_mismatch", "host_port_conflict", "volume_node_conflict", "preempted", "resize_infeasible", "node_refused_pod",
        "node_saturated", "evicted", "pods_on_wrong_nodes", "quota_needs_resources", "ephemeral_storage_exceeded",
    ),
    _ROUTING: (
        "ingress_backend_missing", "ingress_class_missing", "certificate_not_issued", "gateway_not_programmed",
        "route_not_accepted", "listener_rejects_route", "reference_grant_missing", "route_backend_wrong", "mesh_destination_missing",
        "mesh_subset_missing", "mesh_subset_selects_no_pod", "mesh_reference_missing", "mesh_tls_mismatch", "network_policy_blocks",
        "policy_selects_nobody", "definition_not_accepted", "hpa_target_missing", "hpa_misconfigured", "schedule_invalid",
    ),
    _POLICY: (
        "limit_range_violation", "pod_security_violation", "webhook_denied", "forbidden", "scheduling_gated", "budget_too_strict",
        "rollout_paused",
    ),
    _DATA: (
        "inodes_exhausted", "volume_taken", "volume_lost", "volume_reclaim_failed",
        "data_directory_locked",
    ),
    _TIME: ("too_slow_rollout", "job_deadline", "pod_deadline"),
    _SERVICE: ("service_port_mismatch", "selector_too_broad", "endpoints_stale"),
}  # fmt: skip
NONE: Mapping[str, str] = {cause: why for why, ids in _NONE.items() for cause in ids}
"""Cause → why no runbook is suggested."""


def described(cause: str) -> str:
    """The decision as `docs/causes.md` states it."""
    runbooks = RUNBOOKS.get(cause)
    return ", ".join(f"`{slug}`" for slug in runbooks) if runbooks else f"none, because {NONE[cause]}"
