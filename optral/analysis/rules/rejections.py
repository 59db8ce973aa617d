"""Why the API server rejects what a controller wants to create, as it is known now."""

from typing import NamedTuple

from optral.analysis.model import Sentence
from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import SnapshotObject, last_seen, moment
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import REFUSED
from optral.kube.reports import admission


class Reported(NamedTuple):
    """The newest rejection: its evidence, its message, and what an older condition says where that is another reason."""

    evidence_id: str
    message: str
    earlier: list[Sentence]


def newest(case: Case, controller: SnapshotObject) -> Reported | None:
    """By the newest Event, the condition, or what the detector recorded.

    A ReplicaSet keeps the message of its first rejection in the condition, whatever rejects its pods later; a Deployment copies it.
    """
    if controller.kind == "Deployment.apps":
        if (revision := case.newest_revision(controller)) is None:
            return None
        controller = revision
    path, failure = controller.condition(admission.REPLICA_FAILURE)
    stands = failure.get("status") == "True"
    told, since = str(failure.get("message") or ""), moment(failure.get("lastTransitionTime"))
    for event in case.events(controller, admission.NOT_CREATED)[:1]:
        seen, message = last_seen(event), event.text("message")
        if not stands:
            return Reported(case.event_id(event, controller), message, [])
        if since is not None and seen is not None and seen > since and told and not admission.is_same(told, message):
            shown = case.book.fields(controller, path, "reason", "message", "lastTransitionTime")
            earlier = quote("Its condition still reports an earlier rejection", told, shown)
            return Reported(case.event_id(event, controller), message, [earlier])
    if stands:
        return Reported(case.book.fields(controller, path, "reason", "message"), told, [])
    facts = case.question.facts
    if case.question.type == REFUSED and facts.get("message"):
        return Reported(case.book.fact(controller.ref, facts, "cause", "named", "message"), str(facts["message"]), [])
    return None
