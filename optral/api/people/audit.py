"""The audit log over HTTP: who did what, with names and a sentence for each record, as a list and as an export.

Names are those of now: what was removed since keeps the name that its record holds, or its id.
"""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from optral.access import chain, people_service as people, service as access
from optral.access.chain import Checkpoint, hashed_columns
from optral.access.model import AuditFilter, AuditRecord
from optral.api.clusters.clusters import NAME_PATTERN
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request
from optral.api.http.problems import Problem
from optral.api.http.routing import Call, Routes, Shape, json_response, present
from optral.api.http.times import Moment
from optral.api.people.audit_texts import TEXTS, group_of, sentence
from optral.clusters import service as clusters
from optral.flows import audit as flow
from optral.issues import service as issues
from optral.kit.paging import PageCursor as ListPlace, PageRequest
from optral.kit.times import rfc3339
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.verbs import VERBS

Sort = Literal["at", "-at"]
Group = Literal[
    "agent",
    "analysis",
    "audit",
    "certificates",
    "cluster",
    "command",
    "execution",
    "issue",
    "key",
    "logs",
    "member",
    "muteRule",
    "runbook",
    "server",
    "session",
    "settings",
    "webhook",
]
Name = Annotated[str, Field(min_length=1, max_length=300, pattern=NAME_PATTERN)]
MAX_EXPORTED = 50_000
HEAD_FORM = r"^[0-9]{1,15}:[0-9a-f]{64}$"
HEAD_HEADER = "Optral-Audit-Head"
_CHUNK_ROWS = 500
_ACTIONS = (*TEXTS, *(f"command.{verb}" for verb in VERBS))
_TYPES = {
    "org": "organisation",
    "usr": "member",
    "key": "key",
    "cls": "cluster",
    "iss": "issue",
    "ana": "analysis",
    "rbk": "runbook",
    "exe": "execution",
    "cmd": "command",
    "whk": "webhook",
    "ses": "session",
    "inv": "invite",
    "mut": "muteRule",
    "flt": "fleetToken",
}
_NAMES_IN_DETAIL = ("name", "email", "slug", "object", "runbook")
_BY_WHO_CAME = frozenset({"session.create", "member.setup", "invite.accept"})
_COLUMNS = ("at", "actorKind", "actorId", "actorName", "address", "action", "outcome", "summary", "target", "cluster", "requestId", "id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ActedOn(Shape):
    type: str = Field(description="What it is: `issue`, `cluster`, `execution`, …; `setting` for what has no id")
    id: str
    name: str = Field(description="Its name now, or when the record was written; its id if it never had one")


class AuditShape(Shape):
    id: str
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str = Field(description="Email address of a member, name of an API key or of a cluster; the id if it no longer exists")
    address: str | None = Field(None, description="Network address of the request; absent for work of the server itself")
    action: str = Field(examples=["cluster.create"])
    group: str = Field(description="What kind of action it is, as in the filter `group`")
    summary: str = Field(description="What was done, to follow the name", examples=["created the cluster production"])
    target: str
    object: ActedOn
    cluster_id: str | None = None
    cluster: str | None = Field(None, description="Name of the cluster, if it still exists")
    outcome: str = Field(examples=["success"])
    request_id: str | None = None
    detail: dict[str, Any]


AuditList = list_of("AuditList", "audit", AuditShape, capped=True)


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """The filter as the caller gave it: a cluster may be given by its name."""

    fits: AuditFilter
    cluster: str | None

    def resolved(self, tx: Transaction) -> AuditFilter | None:
        """None when no record can fit. A deleted cluster is still found by its id."""
        if self.cluster is None:
            return self.fits
        found = self.cluster if ids.is_id(self.cluster, "cls") else clusters.resolve(tx, self.cluster)
        return None if found is None else replace(self.fits, cluster_id=found)


async def wanted_records(
    action: Annotated[list[Name] | None, Query(description="One or more values; matches any of them")] = None,
    group: Annotated[Group | None, Query(description="All actions of this kind")] = None,
    actor: Annotated[Name | None, Query(description="Id of the member, API key or cluster that acted")] = None,
    target: Annotated[Name | None, Query(description="The id of the object that was acted on")] = None,
    cluster: Annotated[Name | None, Query(description="Cluster id or name; records about the cluster, its issues and executions")] = None,
    since: Annotated[Moment | None, Query(description="Start of the time range, inclusive")] = None,
    until: Annotated[Moment | None, Query(description="End of the time range, exclusive")] = None,
) -> AuditQuery:
    actions = frozenset(action or ())
    if group is not None:
        of_group = frozenset(one for one in _ACTIONS if group_of(one) == group)
        actions = of_group & actions if actions else of_group
        actions = actions or frozenset({"none"})
    return AuditQuery(AuditFilter(actions=actions, actor_id=actor, target=target, since=since, until=until), cluster)


async def list_audit(
    call: Call,
    wanted: Annotated[PageQuery, Depends(page_query)],
    records: Annotated[AuditQuery, Depends(wanted_records)],
    sort: Annotated[Sort, Query()] = "-at",
) -> Response:
    """List audit records"""
    order = ("-" if sort.startswith("-") else "") + "seq"
    page = page_request(call, wanted, order)

    def look(tx: Transaction) -> tuple[list[AuditRecord], int, dict[str, dict[str, Any]]]:
        if (fits := records.resolved(tx)) is None:
            return [], 0, {}
        found = access.find_audit(tx, fits, page)
        return found, access.count_audit(tx, fits), {record.id: shown for record, shown in zip(found, _shapes(tx, found), strict=True)}

    found, total, shapes = await call.read(look)
    return list_response(
        call, wanted, order, found, total, plural="audit", place=lambda one: ListPlace(one.seq, one.id), shape=lambda one: shapes[one.id]
    )


class AuditPlace(Shape):
    seq: int = Field(description="Number of the record in the organization's chain")
    hash: str = Field(description="SHA-256 of the record and of everything before it, in hex")


class AuditFault(Shape):
    """The first record that is not as it was written"""

    kind: chain.AuditFaultKind
    seq: int = Field(description="Number of the first record that is missing, changed or inserted")
    id: str | None = Field(None, description="Id of the record; where records are missing, of the one beside the gap")
    at: datetime | None = Field(None, description="Time of that record")
    message: str


class AuditVerification(Shape):
    intact: bool
    records: int = Field(description="Records that were checked; retention has removed older ones")
    first_at: datetime | None = Field(None, description="Time of the first record that was checked")
    last_at: datetime | None = Field(None, description="Time of the last record that was checked")
    head: AuditPlace = Field(description="The end of the chain; keep it elsewhere, and give it to a later check")
    kept_head_found: bool | None = Field(
        None, description="Whether the chain contains the given head; absent: none was given, or retention has removed the records up to it"
    )
    fault: AuditFault | None = None


async def verify_audit(
    call: Call,
    head: Annotated[
        str | None,
        Query(pattern=HEAD_FORM, description="Head of an earlier check or export, as NUMBER:HASH: also shows a chain that was rewritten"),
    ] = None,
) -> Response:
    """Verify the audit log

    Checks the hash of every record, and that none is missing, changed or inserted. Changes nothing.
    """
    number, _, digest = (head or "").partition(":")
    kept = None if head is None else Checkpoint(int(number), bytes.fromhex(digest))
    walk = await flow.verify(call.services.store, call.actor, kept=kept)
    fault = walk.fault
    return json_response(
        present(
            intact=fault is None,
            records=walk.read,
            firstAt=None if walk.first is None else walk.first.at,
            lastAt=None if walk.last is None else walk.last.at,
            head={"seq": walk.head.seq, "hash": walk.head.hash.hex()},
            keptHeadFound=walk.met,
            fault=None if fault is None else present(kind=fault.kind.value, seq=fault.seq, id=fault.id, at=fault.at, message=fault.say),
        )
    )


async def export_audit(
    call: Call,
    records: Annotated[AuditQuery, Depends(wanted_records)],
    format: Annotated[
        Literal["csv", "jsonl", "chain"],
        Query(description="Comma-separated values, one JSON object per line, or the whole chain, for a check without the server"),
    ] = "csv",
    after: Annotated[
        int | None, Query(ge=0, le=10**15, description="Only with `format=chain`: begin after the record of this number")
    ] = None,
) -> Response:
    """Export audit records

    Oldest first, at most 50,000 records; with more, narrow the time range. The export itself is recorded in the audit log. The header
    `Optral-Audit-Head` has the head of the chain with that record, for a later `GET /v1/audit/verify`. `format=chain` takes no filters; it
    begins with a line about the chain, and a longer log continues with `after`. `optral audit verifier` prints the program that checks it.
    """
    if format == "chain":
        if records != AuditQuery(AuditFilter(), None):
            raise Problem(400, "filtered_chain", say="format=chain takes no filters: only the whole chain can be checked")
        return await _export_chain(call, after)

    def begin(tx: Transaction) -> tuple[AuditFilter | None, int, chain.Checkpoint]:
        """The filter up to the newest record of now, so that the record of this export is not in it."""
        fits = records.resolved(tx)
        rows = 0 if fits is None else access.count_audit(tx, fits, most=MAX_EXPORTED)
        if rows > MAX_EXPORTED:
            raise Problem(
                400, "export_too_large", say=f"more than {MAX_EXPORTED} records match; export a shorter time range (since, until)"
            )
        access.audit(tx, action="audit.export", target=tx.org_id or "", detail={"rows": rows, "format": format})
        return fits, rows, access.audit_place(tx)

    fits, rows, head = await call.services.store.write(call.actor, begin)
    media, write = ("text/csv; charset=utf-8", _csv) if format == "csv" else ("application/x-ndjson", _lines)

    async def body() -> AsyncIterator[bytes]:
        if format == "csv":
            yield _csv([dict(zip(_COLUMNS, _COLUMNS, strict=True))])
        after, left = None, rows
        while fits is not None and left > 0:
            page = PageRequest(size=min(_CHUNK_ROWS, left), sort="seq", descending=False, after=after)

            def look(tx: Transaction, page: PageRequest = page) -> tuple[list[AuditRecord], bytes]:
                found = access.find_audit(tx, fits, page)
                return found, write(_shapes(tx, found))

            found, chunk = await call.read(look)
            if not found:
                return
            yield chunk
            after, left = ListPlace(found[-1].seq, found[-1].id), left - len(found)

    headers = {"Content-Disposition": f'attachment; filename="audit.{format}"', "Cache-Control": "no-store", HEAD_HEADER: str(head)}
    return StreamingResponse(body(), media_type=media, headers=headers)


async def _export_chain(call: Call, after: int | None) -> Response:
    def begin(tx: Transaction) -> tuple[dict[str, Any], int, chain.Checkpoint]:
        base, last = flow.part(tx, after, most=MAX_EXPORTED)
        access.audit(tx, action="audit.export", target=tx.org_id or "", detail={"rows": last.seq - base.seq, "format": "chain"})
        ends = {name: {"seq": one.seq, "hash": one.hash.hex()} for name, one in (("base", base), ("head", last))}
        return {"optralAuditChain": 1, "org": tx.org_id, **ends}, base.seq, last

    start, seq, last = await call.services.store.write(call.actor, begin)

    async def body() -> AsyncIterator[bytes]:
        yield _lines([start])
        at = seq
        while at < last.seq:
            found = await call.read(lambda tx, at=at: access.records_after(tx, at))  # type: ignore[misc]
            found = [one for one in found if one.seq <= last.seq]
            if not found:
                return
            yield _lines([hashed_columns(one) | {"hash": one.hash.hex()} for one in found])
            at = found[-1].seq

    headers = {"Content-Disposition": 'attachment; filename="audit.chain"', "Cache-Control": "no-store", HEAD_HEADER: str(last)}
    return StreamingResponse(body(), media_type="application/x-ndjson", headers=headers)


def _lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """Cells that a spreadsheet would take for a formula begin with an apostrophe: names come from clusters."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        cells = [rfc3339(value) if isinstance(value := row.get(name, ""), datetime) else str(value) for name in _COLUMNS]
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue().encode()


def _shapes(tx: Transaction, found: Sequence[AuditRecord]) -> list[dict[str, Any]]:
    """The records with names; one query for each kind of name."""
    details = [msgspec.json.decode(one.detail) for one in found]
    mentioned = {word for one in found for word in (one.actor_id, one.target, one.cluster_id or "")}
    mentioned |= {str(detail["member"]) for detail in details if "member" in detail}
    names = people.names(tx, mentioned) | clusters.names(tx, {one for one in mentioned if ids.is_id(one, "cls")})
    names |= issues.titles(tx, {one for one in mentioned if ids.is_id(one, "iss")})
    return [_shape(one, detail, names) for one, detail in zip(found, details, strict=True)]


def _shape(one: AuditRecord, detail: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    kept = next((str(detail[name]) for name in _NAMES_IN_DETAIL if isinstance(detail.get(name), str) and detail[name]), None)
    name = names.get(one.target) or kept or one.target
    return present(
        id=one.id,
        at=one.at,
        actorKind=one.actor_kind,
        actorId=one.actor_id,
        actorName=_actor_name(one, detail, names),
        address=one.address or None,
        action=one.action,
        group=group_of(one.action),
        summary=sentence(one.action, one.outcome, object_name=name, detail=detail),
        target=one.target,
        object={"type": _TYPES.get(one.target[:3], "setting") if one.target[3:4] == "_" else "setting", "id": one.target, "name": name},
        clusterId=one.cluster_id,
        cluster=names.get(one.cluster_id or ""),
        outcome=one.outcome,
        requestId=one.request_id or None,
        detail=detail,
    )


def _actor_name(one: AuditRecord, detail: dict[str, Any], names: dict[str, str]) -> str:
    """An earlier version recorded that the server signed people in: such a record is about the member who came."""
    if one.actor_kind != "system":
        return names.get(one.actor_id) or one.actor_id
    if one.action in _BY_WHO_CAME:
        return names.get(str(detail.get("member", one.target))) or "Optral"
    return "Optral"


def add(app: FastAPI) -> None:
    routes = Routes(app, "account")
    routes.add("GET", "/v1/audit", list_audit, scope="audit:read", gives=AuditList)
    routes.add("GET", "/v1/audit/verify", verify_audit, scope="audit:read", gives=AuditVerification)
    text = {"schema": {"type": "string"}}
    routes.add(
        "GET", "/v1/audit/export", export_audit, scope="audit:read", media={"text/csv": text, "application/x-ndjson": text}, errors=[400]
    )
