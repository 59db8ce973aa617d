"""Services without a selector, whose endpoints somebody else keeps."""

from collections.abc import Iterator

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Role
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.remedies import actions
from optral.analysis.rules.rule import STALE, rule


def stale(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Nobody has the addresses that the Service sends to, as the detector found them."""
    service, facts = focus.obj, case.question.facts
    addresses, reason = facts.get("addresses"), facts.get("reason")
    if service.kind != "Service" or service.map("spec.selector") or not isinstance(addresses, list) or not addresses or not reason:
        return
    none, seen = case.book.object(service, "spec.selector"), case.book.fact(service.ref, facts, "addresses", "reason", "shownBy", "slices")
    remedy = actions.advice(
        f"Correct the addresses in the endpoints of Service {service.name}, or give it a selector",
        "Nothing removes these addresses when their pods are deleted.",
        seen,
    )
    yield focus.hypothesis(
        "endpoints_stale",
        service,
        Level.PROVEN,
        cite(f"Service `{service.name}` has no selector: a person or an add-on maintains its endpoints.", none),
        cite(f"It sends to {{address}}, {reason}.", seen, address=addresses[0]),
        actions=[remedy],
        asks=probing.of_service(Role.DOWN, service),
    )


RULES = (rule(stale, {STALE}, {"endpoints_stale"}),)
