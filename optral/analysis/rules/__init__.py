"""All rules, and a hash of their versions."""

import hashlib

from optral.analysis.engine import probing
from optral.analysis.rules import (
    admission,
    autoscalers,
    callers,
    claims,
    comparisons,
    config_routes,
    configuration,
    control_plane,
    custom_resources,
    dependencies,
    dns,
    exits,
    field_causes,
    images,
    log_causes,
    memory,
    mesh,
    mesh_tls,
    network,
    nodes,
    own_settings,
    pods,
    policy,
    probes,
    quotas,
    remembered,
    rollouts,
    schedulers,
    scheduling,
    secret_values,
    selections,
    servers,
    services,
    slow,
    storage,
    usage,
    workloads,
    written_endpoints,
)
from optral.analysis.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *memory.RULES,
    *usage.RULES,
    *slow.RULES,
    *images.RULES,
    *configuration.RULES,
    *exits.RULES,
    *log_causes.RULES,
    *dependencies.RULES,
    *servers.RULES,
    *secret_values.RULES,
    *own_settings.RULES,
    *dns.RULES,
    *field_causes.RULES,
    *comparisons.RULES,
    *probes.RULES,
    *scheduling.RULES,
    *schedulers.RULES,
    *claims.RULES,
    *storage.RULES,
    *admission.RULES,
    *services.RULES,
    *written_endpoints.RULES,
    *callers.RULES,
    *config_routes.RULES,
    *quotas.RULES,
    *nodes.RULES,
    *control_plane.RULES,
    *rollouts.RULES,
    *pods.RULES,
    *workloads.RULES,
    *network.RULES,
    *mesh.RULES,
    *mesh_tls.RULES,
    *autoscalers.RULES,
    *policy.RULES,
    *custom_resources.RULES,
    *selections.RULES,
    *remembered.RULES,
)


FORM = 2
"""Rises when the answers of all rules change their form."""


def _hash() -> str:
    names = [f"form:{FORM}", f"probes:{probing.VERSION}", *sorted(f"{rule.name}:{rule.version}" for rule in RULES)]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


RULESET = _hash()
"""Changes whenever a rule is added, renamed, removed or gets a new version: stored analyses by other rules are then done again."""
