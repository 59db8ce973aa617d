"""What explains the failure of a custom resource: its parts, what it refers to and what it names; and what it explains."""

from collections.abc import Iterator

from optral.grouping.failure_index import Candidate, FailureIndex, place
from optral.grouping.model import AffectedObject, Failure
from optral.grouping.rules import groups
from optral.kube import references
from optral.kube.objects import Certificate, CustomResource
from optral.kube.references import Reference
from optral.terms.refs import ObjectRef

CUSTOM, CERTIFICATE = "CustomResourceNotReady", "CertificateExpiring"
_CAUSES = groups.WORKLOAD | groups.SERVICE_DOWN | {CUSTOM, CERTIFICATE, "JobFailed", "GatewayNotProgrammed"}


def chain(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The failures of its parts, of what it refers to, and of what it names. A part's failure is its own, whenever it was reported."""
    yield from (Candidate(cause, "has the pods of", is_same_failure=True) for cause in index.on(affected.ref, groups.WORKLOAD))
    for part in _parts(index).get(place(affected.ref), ()):
        yield Candidate(part, "consists of", is_same_failure=part.type in (CUSTOM, CERTIFICATE))
    obj = index.view.object_at(affected.ref)
    if not isinstance(obj, CustomResource):
        return
    owners = {(owner.kind, owner.name) for owner in obj.metadata.owner_references}
    said = f"{obj.health.reason} {obj.health.message}"
    for reference in (*obj.refs, *references.named_in(obj.health.message)):
        for cause in _failures_of(index, reference, obj.namespace):
            is_named = references.names(said, reference.name)
            is_owner = (cause.subject.short_kind, cause.subject.name) in owners
            if not is_owner and (is_named or references.may_explain(reference, said, str(cause.facts.get("message") or ""))):
                yield Candidate(cause, "refers to", is_same_failure=is_named)


def maker(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """The custom resource that fails and would make the missing Secret or ConfigMap: it names it as its output, or has its name."""
    wanted = failure.facts.get("missingName")
    for subject in index.failing_in(failure.subject.namespace or "") if wanted else ():
        for cause in index.on(subject, {CUSTOM, CERTIFICATE}):
            obj = index.view.object_at(subject)
            refs = obj.refs if isinstance(obj, CustomResource) else ()
            is_output = any(one.is_output and one.name == wanted for one in refs) or (
                isinstance(obj, Certificate) and obj.spec.secret_name == wanted
            )
            if is_output or (subject.name == wanted and "Secret" in subject.short_kind):
                yield Candidate(cause, "needs an object that is made by", is_same_failure=True)


def _failures_of(index: FailureIndex, reference: Reference, namespace: str | None) -> Iterator[Failure]:
    for kind in reference.short_kinds:
        for where in dict.fromkeys((reference.namespace or namespace, None)):
            yield from index.on(ObjectRef(kind, where, reference.name), _CAUSES)


def _parts(index: FailureIndex) -> dict[tuple[str, str, str], list[Failure]]:
    """Failures by the objects that own their subjects."""
    key = ("parts of custom resources",)
    found: dict[tuple[str, str, str], list[Failure]] | None = index.memo.get(key)
    if found is not None:
        return found
    found = index.memo[key] = {}
    for failure in index.of_type(*sorted(_CAUSES)):
        subject = index.view.object_at(failure.subject)
        for owner in subject.metadata.owner_references if subject is not None else ():
            for where in dict.fromkeys((failure.subject.namespace or "", "")):
                found.setdefault((owner.kind, where, owner.name), []).append(failure)
    return found
