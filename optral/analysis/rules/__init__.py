"""All rules, and the mark of their versions."""

import hashlib

from optral.analysis.rules import (
    admission,
    callers,
    configuration,
    dependencies,
    exits,
    images,
    log_causes,
    memory,
    network,
    nodes,
    pods,
    policy,
    probes,
    quotas,
    remembered,
    rollouts,
    scheduling,
    selections,
    services,
    storage,
    workloads,
)
from optral.analysis.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *memory.RULES,
    *images.RULES,
    *configuration.RULES,
    *exits.RULES,
    *log_causes.RULES,
    *dependencies.RULES,
    *probes.RULES,
    *scheduling.RULES,
    *storage.RULES,
    *admission.RULES,
    *services.RULES,
    *callers.RULES,
    *quotas.RULES,
    *nodes.RULES,
    *rollouts.RULES,
    *pods.RULES,
    *workloads.RULES,
    *network.RULES,
    *policy.RULES,
    *selections.RULES,
    *remembered.RULES,
)


def _mark() -> str:
    names = sorted(f"{rule.name}:{rule.version}" for rule in RULES)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


RULESET = _mark()
"""Changes whenever a rule is added, dropped or gets a new version: analyses by other rules are not answers any more."""
