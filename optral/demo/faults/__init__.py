"""The faults of the demo cluster: what Kubernetes shows from the first moment of a failure until it is fixed."""

from optral.demo.faults.cluster import (
    claim_pending as claim_pending,
    cpu_insufficient as cpu_insufficient,
    job_fails as job_fails,
    node_silent as node_silent,
    over_quota as over_quota,
    replica_without_storage as replica_without_storage,
    secret_not_mounted as secret_not_mounted,
    selector_matches_nothing as selector_matches_nothing,
)
from optral.demo.faults.containers import (
    cannot_execute as cannot_execute,
    crash_loop as crash_loop,
    image_not_found as image_not_found,
    liveness_kills as liveness_kills,
    missing_config_key as missing_config_key,
    out_of_memory as out_of_memory,
    readiness_fails as readiness_fails,
)
from optral.demo.faults.leftovers import (
    certificate_not_renewed as certificate_not_renewed,
    claim_not_deleted as claim_not_deleted,
    volume_released as volume_released,
)
