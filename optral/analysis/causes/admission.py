"""What makes the API server refuse, or an object stay for ever."""

from optral.analysis.causes.cause import Cause

CAUSES = (
    # --- admission
    Cause(
        "quota_exceeded",
        "A ResourceQuota is used up",
        "admission",
        "The namespace may hold no more, so the pods are refused.",
        "The refusal names the quota; what is requested, used and allowed is compared.",
        "Raise the quota, lower the requests, or scale something else down.",
    ),
    Cause(
        "quota_needs_resources",
        "The namespace's quota demands requests or limits the pods do not have",
        "admission",
        "A quota on CPU or memory refuses pods that do not say how much they need.",
        "The refusal says `must specify`.",
        "Set the requests and limits, or a LimitRange with defaults.",
    ),
    Cause(
        "limit_range_violation",
        "A LimitRange refuses the pod's resources",
        "admission",
        "A request or limit is above the allowed maximum or below the minimum.",
        "The refusal names the bound.",
        "Bring the container's resources within the bounds.",
    ),
    Cause(
        "service_account_missing",
        "The pod's ServiceAccount does not exist",
        "admission",
        "Pods are refused because their account is not in the namespace.",
        "The refusal names it, pods are still missing, and the inventory does not have the account.",
        "Create the account, or correct serviceAccountName; the nearest name is proposed.",
    ),
    Cause(
        "pod_security_violation",
        "The namespace's Pod Security level refuses the pod",
        "admission",
        "The pod's security context does not meet the level enforced.",
        "The refusal lists the fields.",
        "Set the security context, or another level for the namespace.",
    ),
    Cause(
        "webhook_denied",
        "An admission webhook refuses the pod",
        "admission",
        "A policy says no.",
        "The refusal names the webhook and its reason.",
        "Change what the policy objects to.",
    ),
    Cause(
        "webhook_unavailable",
        "An admission webhook does not answer",
        "admission",
        "The API server cannot ask the webhook, so it refuses everything the webhook guards.",
        "`failed calling webhook`, and the state of the Service behind it.",
        "Mend the webhook's workload; until then its failure policy decides.",
    ),
    Cause(
        "forbidden",
        "The API server refuses the pod",
        "admission",
        "A rule of the API server that is none of the others.",
        "The refusal's own words.",
        "Change what it objects to.",
    ),
)
