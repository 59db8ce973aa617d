"""What is wrong with rollouts, jobs and scaling."""

from optral.analysis.causes.cause import Cause

CAUSES = (
    # --- job
    Cause(
        "job_deadline",
        "The Job ran longer than its deadline",
        "job",
        "activeDeadlineSeconds ended it.",
        "The Failed condition says DeadlineExceeded.",
        "Find out whether it is slow or stuck; raise the deadline if it is slow.",
    ),
    Cause(
        "job_script_failed",
        "The Job's own program fails",
        "job",
        "Every try ends with an error of the program.",
        "BackoffLimitExceeded, and the last pod's exit code and log lines.",
        "Fix the program or its input, then run the Job again.",
    ),
    Cause(
        "job_policy_failed",
        "The Job's failure policy ended it",
        "job",
        "An exit code or a condition that the policy treats as final.",
        "The Failed condition says PodFailurePolicy.",
        "Look at the rule that matched.",
    ),
    # --- rollout
    Cause(
        "bad_rollout",
        "The newest revision does not get ready, the one before did",
        "rollout",
        "Something in the last change breaks the workload.",
        "Pods of the newest revision fail, and the trouble began after it; what differs is listed.",
        "Roll back to the revision before.",
    ),
    Cause(
        "too_slow_rollout",
        "The rollout needs longer than its deadline",
        "rollout",
        "Pods get ready, only later than progressDeadlineSeconds allows.",
        "The new pods run without a fault and are not ready yet.",
        "Raise the deadline, or make the start faster.",
    ),
)
