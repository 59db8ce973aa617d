"""A Job like one that failed. The failed one stays: it holds the evidence, and its owner deletes it as before.

Source: Kubernetes documentation, Jobs: the API server generates the selector and the labels of the pods of every Job, so these are left
out; a Job with `manualSelector` would count the old pods as its own.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from optral.agent.commands.commands_common import failed, rejected
from optral.kube.owners import RERUN_OF

MAX_NAME = 63  # pods carry it in a label
_GENERATED = frozenset({"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"})
_TRACKING = (
    "argocd.argoproj.io/", "helm.sh/", "helm.toolkit.fluxcd.io/", "kubectl.kubernetes.io/", "kustomize.toolkit.fluxcd.io/", "meta.helm.sh/",
    "optral.io/", "batch.kubernetes.io/job-tracking", "batch.kubernetes.io/cronjob-scheduled-timestamp",
)  # fmt: skip
"""By these, Argo CD, Flux and Helm recognize their own objects: they would delete a Job that is not in their source."""
_NUMBERED = re.compile(r"-rerun-(\d{1,6})\Z")
_BY_HAND = {"cronjob.kubernetes.io/instantiate": "manual"}


def original_of(job: Mapping[str, Any]) -> str:
    """The uid of the Job that failed first."""
    meta = job["metadata"]
    return str((meta.get("labels") or {}).get(RERUN_OF) or meta.get("uid", ""))


def check(job: Mapping[str, Any], *, is_cron_job_allowed: bool) -> None:
    """Raises `Failure` for a Job that is not run again."""
    name = job["metadata"].get("name")
    conditions = (job.get("status") or {}).get("conditions") or ()
    if not any(
        isinstance(condition, dict) and condition.get("type") == "Failed" and condition.get("status") == "True" for condition in conditions
    ):
        raise failed("NOTHING_TO_DO", f"Job {name} has not failed; only a Job with the condition Failed is run again")
    if (job.get("spec") or {}).get("manualSelector"):
        raise rejected(
            "UNSUPPORTED", f"Job {name} has a selector of its own (manualSelector), which would match its old pods; create it by hand"
        )
    if (cron_job := cron_job_of(job)) and not is_cron_job_allowed:
        say = f"Job {name} is a run of CronJob {cron_job}: a rerun runs beside its schedule, and counts for its concurrencyPolicy"
        raise rejected("FLAG_REQUIRED", f"{say}; wait for the next run, or set ofCronJob")


def cron_job_of(job: Mapping[str, Any]) -> str:
    """The CronJob that controls the Job; "" for none."""
    owners = [reference for reference in job["metadata"].get("ownerReferences") or () if isinstance(reference, dict)]
    return next((str(owner.get("name")) for owner in owners if owner.get("kind") == "CronJob" and owner.get("controller")), "")


def manifest(job: Mapping[str, Any], reruns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The Job to create, whose name follows those of the earlier reruns: what is asked twice has the same name, and is made once."""
    meta = job["metadata"]
    owners = [_without(reference, {"blockOwnerDeletion"}) for reference in meta.get("ownerReferences") or () if isinstance(reference, dict)]
    spec = _without(job.get("spec") or {}, {"selector"})
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": _name(job, reruns),
            "namespace": meta.get("namespace"),
            "labels": _kept(meta.get("labels")) | {RERUN_OF: original_of(job)},
            "annotations": _kept(meta.get("annotations")) | (_BY_HAND if cron_job_of(job) else {}),
            **({"ownerReferences": owners} if owners else {}),
        },
        "spec": spec | {"template": _template(spec.get("template") or {})},
    }


def _without(mapping: Mapping[str, Any], left_out: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in left_out}


def _kept(marks: Mapping[str, Any] | None) -> dict[str, Any]:
    """The labels or annotations that the controller did not set."""
    return {key: value for key, value in (marks or {}).items() if not _is_left_out(key)}


def _is_left_out(key: str) -> bool:
    return key in _GENERATED or key.startswith(_TRACKING)


def _template(template: Mapping[str, Any]) -> dict[str, Any]:
    meta = dict(template.get("metadata") or {})
    meta.pop("creationTimestamp", None)
    meta["labels"] = {key: value for key, value in (meta.get("labels") or {}).items() if key not in _GENERATED}
    return {**template, "metadata": meta}


def _name(job: Mapping[str, Any], reruns: Sequence[Mapping[str, Any]]) -> str:
    name = str(job["metadata"].get("name"))
    is_rerun = RERUN_OF in (job["metadata"].get("labels") or {})
    base = _NUMBERED.sub("", name) if is_rerun else name
    used = [int(found[1]) for rerun in reruns if (found := _NUMBERED.search(str(rerun["metadata"].get("name", ""))))]
    suffix = f"-rerun-{max(used, default=0) + 1}"
    return base[: MAX_NAME - len(suffix)].rstrip("-.") + suffix
