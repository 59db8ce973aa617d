"""The digest of a week: new causes, failures that returned, the time to resolve, and the noisiest alerts; a document, and its e-mail."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from optral.flows.alerts import quality
from optral.flows.documents import handover
from optral.flows.documents.document import Document, Fact, Section, name, section
from optral.flows.documents.handover import Shift
from optral.issues.lists import trends
from optral.issues.model import Issue, IssueFilter
from optral.kit.durations import in_words
from optral.kit.words import counted
from optral.mail import letters
from optral.store.transaction import Transaction

DAYS, MOST_DAYS = 7, 30
MOST_LISTED = 20
UNKNOWN = "Cause unknown"


def of(tx: Transaction, *, days: int = DAYS, among: IssueFilter | None = None, about: str = "") -> Document:
    """Of what the actor may see; `among`: only of these issues, which `about` names."""
    since, span = timedelta(days=days), f"in the last {counted(days, 'day')}"
    shift = handover.read(tx, since, among=among)
    sections = [
        _causes(shift, span),
        handover.returned(shift, span),
        _resolving(tx, shift, span, is_of_all=among is None),
        _alerts(tx, since, span, missing=[] if among is None else ["Alerts are those of the whole organization."]),
    ]
    title = f"Digest of {counted(days, 'day')} until {tx.now:%Y-%m-%d}"
    return Document(kind="digest", title=f"{title}: {about}" if about else title, at=tx.now, sections=sections)


def _causes(shift: Shift, span: str) -> Section:
    """The issues that opened, by their cause: the most severe first, then the cause of most issues."""
    by_cause: dict[str, list[Issue]] = defaultdict(list)
    for one in shift.opened:
        by_cause[shift.causes.get(one.id, UNKNOWN)].append(one)
    ordered = sorted(by_cause.items(), key=lambda item: (-_worst(item[1]).severity.rank, -len(item[1]), item[0] == UNKNOWN, item[0]))
    facts = [_cause(cause, found) for cause, found in ordered[:MOST_LISTED]]
    left_out = shift.opened_total - len(shift.opened)
    missing = [f"The causes of {counted(left_out, 'older issue')} are not listed."] if left_out > 0 else []
    return section("causes", f"New causes {span}", facts, otherwise="No issue opened.", missing=missing)


def _worst(found: list[Issue]) -> Issue:
    return max(found, key=lambda one: one.severity.rank)


def _cause(cause: str, found: list[Issue]) -> Fact:
    worst = _worst(found)
    how_many = f"{counted(len(found), 'issue')}, such as " if len(found) > 1 else ""
    text = f"{cause}: {how_many}{worst.title.rstrip('.')}."
    return Fact(label=worst.severity.value.capitalize(), text=text, ids=[worst.id, *(one.id for one in found if one is not worst)])


def _resolving(tx: Transaction, shift: Shift, span: str, *, is_of_all: bool) -> Section:
    if is_of_all:
        took = trends.time_to_resolve(tx, shift.since)
    else:
        took = trends.delay([one.resolved_at - one.detected_at for one in shift.resolved if one.resolved_at is not None])
    facts = [] if took.median is None else [Fact(text=_took(took.median, took.issues, span), ids=[one.id for one in shift.resolved])]
    missing = [f"Only the {handover.MOST_EXAMINED} issues that were resolved last were compared with the query."] if shift.is_cut else []
    otherwise = "" if shift.is_cut else f"No issue was resolved {span}."
    return section("resolving", "Time to resolve", facts, otherwise=otherwise, missing=missing)


def _took(median: timedelta, issues: int, span: str) -> str:
    if issues == 1:
        return f"The issue that was resolved {span} took {in_words(median.total_seconds())}."
    return f"Half of the {counted(issues, 'issue')} that were resolved {span} took at most {in_words(median.total_seconds())}."


def _alerts(tx: Transaction, since: timedelta, span: str, *, missing: list[str]) -> Section:
    rated = quality.of(tx, tx.now - since).alerts
    facts = [
        Fact(
            text=f"{name(one.name)} fired {counted(one.fired, 'time')}; {counted(one.without_failure, 'time')} without a failure,"
            f" {counted(one.flapping, 'time')} flapping.",
            ids=[one.name],
        )
        for one in rated[:MOST_LISTED]
    ]
    return section("alerts", f"Noisiest alerts {span}", facts, otherwise="No alert was received.", missing=missing)


def mail(document: Document, *, link: str) -> dict[str, Any]:
    """The content of an e-mail."""
    footer = "You receive this message because a webhook of your organization sends a weekly digest to this address."
    blocks = [block for one in document.sections for block in _blocks(one, link)]
    open_ = [letters.Button("Open in Optral", f"{link}/issues")] if link else []
    return asdict(letters.content(document.title, [*blocks, *open_], footer=footer))


def _blocks(of_document: Section, link: str) -> Iterator[letters.Block]:
    rows = [_row(fact, link) for fact in of_document.facts]
    columns = ("Issue", "Severity") if any(fact.label for fact in of_document.facts) else ()
    missing = " ".join(_plain(one) for one in of_document.missing)
    yield letters.Table(heading=of_document.heading, columns=columns, rows=rows, empty=missing)
    if of_document.left_out:
        yield f"{of_document.left_out} more are not listed."
    if rows and missing:
        yield missing


def _row(fact: Fact, link: str) -> Sequence[letters.Cell]:
    """A fact with a severity is about an issue."""
    if fact.label is None:
        return (letters.Cell(_plain(fact.text)),)
    return (letters.Cell(_plain(fact.text), f"{link}/issues/{fact.ids[0]}" if link else ""), letters.Cell(fact.label))


def _plain(text: str) -> str:
    return text.replace("`", "")
