"""What makes the API server refuse, or an object stay for ever."""

from functools import partial

from optral.analysis.causes.cause import Cause

_admission = partial(Cause, "admission")
_api = partial(Cause, "api")

CAUSES = (
    _admission(
        "quota_exceeded",
        "A ResourceQuota is exhausted",
        "The namespace has reached its quota, so new pods are rejected.",
        "The error names the quota; requested, used and allowed amounts are compared.",
        "Raise the quota, lower the requests, or scale something else down.",
        ("quota",),
    ),
    _admission(
        "quota_needs_resources",
        "The quota requires requests or limits that the pods do not set",
        "A quota on CPU or memory rejects pods that do not set the matching requests or limits.",
        "The error contains `must specify`.",
        "Set the requests and limits, or create a LimitRange with defaults.",
        ("quota",),
    ),
    _admission(
        "limit_range_violation",
        "A LimitRange rejects the pod's resources",
        "A request or limit is above the maximum or below the minimum.",
        "The error names the bound.",
        "Change the container's resources so that they are within the bounds.",
        ("request|message",),
    ),
    _admission(
        "service_account_missing",
        "The pod's ServiceAccount does not exist",
        "Pods are rejected because their ServiceAccount is not in the namespace.",
        "The error names it, pods are still missing, and the inventory does not contain the account.",
        "Create the account, or correct serviceAccountName; the closest name is suggested.",
        ("object",),
    ),
    _admission(
        "pod_security_violation",
        "The namespace's Pod Security level rejects the pod",
        "The pod's security context does not meet the enforced level.",
        "The error lists the fields.",
        "Set the security context, or change the level of the namespace.",
        ("message",),
    ),
    _admission(
        "webhook_denied",
        "An admission webhook rejects the pod",
        "A policy does not allow it.",
        "The error names the webhook and its reason.",
        "Change what the policy rejects.",
        ("webhook",),
    ),
    _admission(
        "webhook_unavailable",
        "An admission webhook does not respond",
        "The API server cannot call the webhook, so it rejects every request that the webhook covers.",
        "`failed calling webhook`, and the state of the Service behind it.",
        "Fix the webhook's workload; until then its failure policy applies.",
        ("webhook", "service"),
    ),
    _admission(
        "forbidden",
        "The API server rejects the pod",
        "A rule of the API server that has no cause of its own in this list.",
        "The text of the error.",
        "Change what it rejects.",
        ("object|message",),
    ),
    _api(
        "finalizer_not_removed",
        "A finalizer is not removed",
        "The object was deleted and waits for a controller that does nothing.",
        "The object's deletion time, its finalizers, or the namespace's conditions.",
        "Check the controller; remove the finalizer manually only if the controller is gone for good.",
        ("finalizer|message",),
    ),
    _api(
        "api_group_unavailable",
        "An API group is unavailable",
        "An aggregated API is served by a workload that does not exist or does not work.",
        "The APIService's Available condition, or the namespace's NamespaceDeletionDiscoveryFailure.",
        "Fix the workload behind it, or remove the APIService.",
        ("reason|message",),
    ),
    _api(
        "definition_not_accepted",
        "A custom resource definition is not accepted",
        "Its names or its schema are rejected.",
        "The definition's conditions.",
        "Correct the definition.",
        ("reason|message",),
    ),
    _api(
        "reference_missing",
        "A resource refers to an object that does not exist",
        "The controller of a custom resource cannot find what the resource, or an object that it refers to, names.",
        "The message of the resource, and the objects of that kind; the closest name is suggested.",
        "Create the object, or correct the reference.",
        ("object",),
    ),
    _api(
        "reported_by_controller",
        "The resource's controller reports a failure",
        "A custom resource reports a failure: the last one that fails of those that it consists of or refers to.",
        "The reason and message of its condition, phase or error.",
        "Read the controller's message and its documentation.",
        ("reason|message",),
    ),
)
