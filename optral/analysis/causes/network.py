"""What is wrong between workloads: Services, ways in, policies."""

from optral.analysis.causes.cause import Cause

CAUSES = (
    # --- network
    Cause(
        "selector_mismatch",
        "The Service selects labels that no pod has",
        "network",
        "The pods are there under other labels.",
        "The selector is compared with the pods of the namespace; the differing label is named.",
        "Correct the selector, or the pods' labels.",
    ),
    Cause(
        "target_port_mismatch",
        "The Service sends to a port its pods do not have",
        "network",
        "targetPort names or numbers a port that no container of the pods declares.",
        "The Service's ports are compared with the containers'.",
        "Correct targetPort.",
    ),
    Cause(
        "service_protocol_mismatch",
        "The Service's protocol is not the one its pods speak",
        "network",
        "The Service forwards UDP and the container listens on TCP, or the other way round.",
        "The protocols of Service port and container port are compared.",
        "Correct the protocol.",
    ),
    Cause(
        "all_backends_not_ready",
        "None of the Service's pods is ready",
        "network",
        "The selector is right; every pod behind it has trouble of its own.",
        "Matching pods exist and none is ready.",
        "Mend the pods; see the cause given for them.",
    ),
    Cause(
        "scaled_to_zero",
        "The workload behind the Service is scaled to zero",
        "network",
        "There are no pods because nobody asks for any.",
        "A workload whose template fits the selector wants 0 replicas.",
        "Scale it up, if that is not what was wanted.",
    ),
    Cause(
        "no_workload",
        "There is nothing behind the Service",
        "network",
        "No workload of the namespace makes pods with the selected labels.",
        "Neither pods nor templates fit, not even nearly.",
        "Deploy the workload, or delete the Service.",
    ),
)
