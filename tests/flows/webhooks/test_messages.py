"""What a person reads in a message: what happened, why, and what to do. The message is of the moment in which it leaves."""

import json
import re
from typing import Any

import pytest

from optral.analysis import repository as analysis_rows
from optral.analysis.model import Analysis, Status as AnalysisStatus, Trigger
from optral.flows.webhooks import messages
from optral.issues.model import Status, Substatus
from optral.terms import ids
from optral.terms.severity import Severity
from optral.webhooks.model import Filters, Form, Outcome
from optral.webhooks.quiet import QuietHours
from tests.flows.webhooks.deliveries import Receiver, World
from tests.flows.webhooks.test_routing import create, move
from tests.support.clock import NOON

CAUSE = {"id": "missing_key", "title": "A key is missing", "explanation": "ConfigMap `web` has no key `a`.", "confidenceLabel": "high"}
ACTION = {"title": "Roll web back to revision 1", "risk": "high"}
ALL = frozenset({"issue.created", "issue.updated", "issue.resolved"})


def read(event: str, **data: Any) -> tuple[str, list[str]]:
    made = messages.message(event, {"title": "web is down", **data}, cluster="prod")
    return made.head, list(made.lines)


def changed(name: str, before: object, after: object) -> dict[str, Any]:
    return {"changes": {name: {"from": before, "to": after}}}


@pytest.mark.parametrize(
    ("event", "data", "head"),
    [
        ("issue.created", {}, "New issue"),
        ("issue.created", changed("status", "resolved", "open"), "Issue returned"),
        ("issue.updated", changed("status", "resolved", "open"), "Issue returned"),
        ("issue.updated", changed("status", "open", "acknowledged") | {"by": "ann@example.com"}, "Acknowledged by ann@example.com"),
        ("issue.updated", changed("status", "open", "acknowledged"), "Acknowledged"),
        ("issue.updated", changed("status", "acknowledged", "open"), "No longer acknowledged"),
        ("issue.created", changed("substatus", "snoozed", "ongoing"), "No longer snoozed"),
        ("issue.created", changed("severity", "medium", "critical"), "Severity raised to critical"),
        ("issue.updated", changed("severity", "high", "low"), "Severity lowered to low"),
        ("issue.updated", changed("fix", None, {"by": "ann"}), "Fix verified"),
        ("issue.updated", changed("team", "a", "b"), "Issue changed"),
        ("issue.resolved", {}, "Issue resolved"),
        ("runbook.started", {"status": "pendingApproval"}, "Runbook requested"),
        ("runbook.started", {"status": "queued"}, "Runbook started"),
        ("runbook.completed", {"status": "timedOut"}, "Runbook timed out"),
        ("analysis.ready", {"rootCause": "missing_key"}, "Cause"),
        ("analysis.ready", {"rootCause": None}, "No cause found"),
    ],
)
def test_the_first_words_say_what_happened(event: str, data: dict[str, Any], head: str) -> None:
    assert read(event, **data)[0] == head


@pytest.mark.parametrize("title", ["&" * 2000, "<@U1> " * 400, "x" * 996 + "&&&", "😀" * 2000])
def test_a_long_title_is_cut_before_what_slack_would_read_otherwise(title: str) -> None:
    said = messages.message("issue.created", {"title": title, "url": "https://optral.example/issues/i"}, cluster="prod")
    (section,) = messages.encoded(said, Form.SLACK)["blocks"]
    text = section["text"]["text"]
    assert len(text) <= 3000
    assert re.search(r"\*New issue\*: <https://optral.example/issues/i\|[^<>]*>\n", text), text
    assert re.findall(r"&(?!amp;|lt;|gt;)", text) == []


def test_after_a_verified_fix_nothing_is_left_to_do() -> None:
    known = {"cause": {"title": "The limit is too low"}, "action": {"title": "Raise the limit"}}
    _, before = read("issue.updated", **known)
    assert {"Cause: The limit is too low", "What to do: Raise the limit"} <= set(before)
    _, after = read("issue.updated", **known, **changed("fix", None, {"by": "ann"}))
    assert "Cause: The limit is too low" in after
    assert not any(line.startswith("What to do") for line in after)


def test_a_change_is_shown_with_the_value_before() -> None:
    _, lines = read("issue.updated", changes={"severity": {"from": "medium", "to": "high"}, "team": {"from": None, "to": "pay"}})
    assert "Changed: severity medium → high · team none → pay" in lines


def test_a_new_title_is_not_repeated_below_itself() -> None:
    _, lines = read("issue.updated", changes={"title": {"from": "web was slow", "to": "web is down"}})
    assert "Changed: title before: web was slow" in lines


def test_the_end_of_an_issue_says_how_long_it_was_open_and_no_confidence() -> None:
    times = {"detectedAt": "2026-01-15T03:00:00.5Z", "resolvedAt": "2026-01-15T03:14:10Z"}
    head, lines = read("issue.resolved", cause=CAUSE, **times)
    assert (head, lines[0]) == ("Issue resolved", "Open for 14 minutes.")
    assert "confidence" not in " ".join(lines)


def test_an_analysis_says_the_cause_and_what_to_do_in_words() -> None:
    known = {"rootCause": "missing_key", "confidence": 0.99, "summary": "A key is missing (web)."}
    _, lines = read("analysis.ready", **known, cause=CAUSE, action=ACTION)
    assert lines[:2] == ["Cause: A key is missing (web).", "What to do: Roll web back to revision 1"]
    assert "confidence high" in lines[2] and "missing_key" not in " ".join(lines) and "0.99" not in " ".join(lines)


def test_what_a_cluster_says_begins_no_line_and_is_cut() -> None:
    _, lines = read("issue.created", cause={"title": "one\ntwo", "explanation": "x" * 5000})
    assert lines[0].startswith("Cause: one two. xxx") and len(lines[0]) == messages.MAX_LINE and "\n" not in lines[0]


async def analysed(world: World, issue_id: str) -> None:
    made = Analysis(
        id=ids.new("ana"),
        org_id=world.org,
        cluster_id=world.cluster,
        issue_id=issue_id,
        status=AnalysisStatus.READY,
        trigger=Trigger.AUTO,
        requested_by="system",
        created_at=NOON,
        result={"rootCause": CAUSE, "confidenceLabel": "high", "recommendedActions": [ACTION]},
    )
    await world.store.write(world.owner, lambda tx: analysis_rows.insert(tx, [made]))


@pytest.mark.parametrize("form", [Form.SLACK, Form.TEAMS, Form.PAGERDUTY, Form.JSM])
async def test_an_issue_with_a_known_cause_arrives_with_it(world: World, receiver: Receiver, form: Form) -> None:
    await create(world, receiver.url, form=form)
    await analysed(world, await world.issue())
    await world.tell()
    await world.carry()
    [(_, body)] = receiver.got
    assert "A key is missing. ConfigMap web has no key a." in body.decode()
    assert "What to do: Roll web back to revision 1" in body.decode()


async def test_a_message_that_waited_is_of_the_issue_as_it_is_then(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK, quiet_hours=QuietHours(start="12:00", end="14:00"))
    issue_id = await world.issue(severity=Severity.MEDIUM)
    await world.tell()
    await analysed(world, issue_id)
    await move(world, issue_id, severity=Severity.CRITICAL, status=Status.ACKNOWLEDGED)
    await world.tell()
    world.clock.advance(2 * 3600)
    await world.carry()
    [(_, body)] = receiver.got
    text = json.loads(body)["blocks"][0]["text"]["text"]
    assert text.startswith("🔴") and "severity critical" in text and "status acknowledged" in text and "A key is missing" in text


def ready(cause: str | None, status: str = "ready") -> dict[str, Any]:
    return {"rootCause": cause, "status": status, "summary": f"It is {cause}."}


FOUND = frozenset({"issue.created", "analysis.ready"})


@pytest.mark.parametrize("form", [form for form in Form if form.is_read])
async def test_people_get_a_cause_once_and_again_when_it_is_another(world: World, form: Form) -> None:
    """A program gets every analysis."""
    at = {Form.EMAIL: "mailto:ops@example.com"}.get(form, "https://hooks.example.com/T0")
    hooks = [
        await create(world, at if one is form else "https://example.com", form=one, filters=Filters(events=FOUND))
        for one in (form, Form.JSON)
    ]
    issue_id = await world.issue()
    for after_s, cause, status in (
        *((5, None, "inconclusive"), (1, None, "inconclusive")),  # in one round
        *((60, "missing_key", "ready"), (60, "missing_key", "ready"), (60, None, "failed"), (60, "missing_key", "ready")),
        *((60, "oom", "ready"), (60, "missing_key", "ready"), (60, None, "inconclusive")),
    ):
        await world.event("analysis.ready", issue_id, **ready(cause, status))
        await world.tell(after_s)
    verdicts, every = [[one.verdict for one in await world.deliveries(hook) if one.event == "analysis.ready"] for hook in hooks]
    assert verdicts == ["inconclusive", "missing_key", "oom", "missing_key", "inconclusive"]
    assert len(every) == 9


async def test_a_new_issue_whose_message_names_the_cause_gets_no_second_message_about_it(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.SLACK, filters=Filters(events=FOUND))
    issue_id = await world.issue()
    await analysed(world, issue_id)
    await world.event("analysis.ready", issue_id, **ready(CAUSE["id"]))
    await world.tell()
    assert [(one.event, one.verdict) for one in await world.deliveries(hook)] == [("issue.created", "missing_key")]


async def test_a_cause_that_was_not_delivered_is_sent_again(world: World, receiver: Receiver) -> None:
    hook = await create(world, receiver.url, form=Form.SLACK, filters=Filters(events=frozenset({"analysis.ready"})))
    issue_id = await world.issue()
    receiver.answers = [500] * 8
    for attempts in (8, 1):
        await world.event("analysis.ready", issue_id, **ready("missing_key"))
        await world.tell()
        for _ in range(attempts):
            await world.carry()
            world.clock.advance(50_000)
    assert [one.status for one in await world.deliveries(hook)] == [Outcome.FAILED, Outcome.DELIVERED]


async def test_a_message_that_waits_for_the_end_of_quiet_hours_names_the_cause_and_no_second_one_does(
    world: World, receiver: Receiver
) -> None:
    hours = QuietHours(start="12:00", end="14:00")
    hook = await create(world, receiver.url, form=Form.SLACK, quiet_hours=hours, filters=Filters(events=FOUND))
    issue_id = await world.issue()
    await world.tell()
    await analysed(world, issue_id)
    await world.event("analysis.ready", issue_id, **ready(CAUSE["id"]))
    await world.tell()
    world.clock.advance(2 * 3600)
    await world.carry()
    await world.event("analysis.ready", issue_id, **ready(CAUSE["id"]))
    await world.tell()
    [(_, body)] = receiver.got
    assert "A key is missing" in body.decode()
    assert [one.verdict for one in await world.deliveries(hook)] == ["missing_key"]


async def test_an_escalation_says_that_nobody_has_acknowledged_the_issue(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK, escalation_minutes=15)
    await world.issue(title="web is down")
    await world.tell()
    world.clock.advance(15 * 60)
    await world.carry()
    [(_, body)] = receiver.got
    message = json.loads(body)
    assert message["text"] == "🟠 Not acknowledged: web is down"
    assert "Nobody has acknowledged it within 15 minutes." in message["blocks"][0]["text"]["text"]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        pytest.param("x" * 130, "x" * 130, id="as long as is taken"),
        pytest.param("word " * 40, "word " * 24 + "word word…", id="at a word"),
        pytest.param("x" * 131, "x" * 129 + "…", id="one word"),
        pytest.param("x" * 128 + "e\u0301" * 9, "x" * 128 + "…", id="not between a letter and its accent"),
        pytest.param("é😀" * 65, "é😀" * 65, id="characters, not bytes"),
        pytest.param("one\n\u202etwo", "one  two", id="on one line"),
    ],
)
async def test_a_title_is_cut_to_what_jira_service_management_takes(world: World, receiver: Receiver, title: str, shown: str) -> None:
    await create(world, receiver.url, form=Form.JSM)
    await world.issue(title=title)
    await world.tell()
    await world.carry()
    assert json.loads(receiver.got[0][1])["message"] == shown


async def test_numbers_that_move_all_the_time_send_no_message_to_people(world: World, receiver: Receiver) -> None:
    for form in (Form.SLACK, Form.JSON):
        await create(world, receiver.url, form=form, filters=Filters(events=ALL))
    issue_id = await world.issue()
    for name, before, after in (("count", 1, 4), ("impact", {}, {"pods": 2}), ("severity", "medium", "high")):
        await world.event("issue.updated", issue_id, **changed(name, before, after))
    await world.tell()
    for _ in range(5):
        await world.carry()
    people = [json.loads(body)["text"] for _, body in receiver.got if b"blocks" in body]
    assert people[-1].startswith("🟠 Severity raised to high") and len(people) <= 2
    assert len(receiver.got) - len(people) == 4, "a program gets every event"


async def test_a_request_for_approval_names_the_person_and_links_to_the_plan(world: World, receiver: Receiver) -> None:
    await create(world, receiver.url, form=Form.SLACK, filters=Filters(events=frozenset({"approval.requested", "cluster.offline"})))
    target = {"kind": "Deployment", "namespace": "shop", "name": "web"}
    runbook = {"name": "Raise a memory limit", "slug": "raise-memory-limit"}
    await world.event("approval.requested", "exe_1", runbook=runbook, target=target, status="pendingApproval", requestedBy="usr_1")
    await world.event("cluster.offline", "cls_1", name="prod")
    await world.tell()
    await world.carry()
    both = [json.loads(body)["blocks"][0]["text"]["text"] for _, body in receiver.got]
    wanted, offline = sorted(both, key=lambda text: "offline" in text)
    assert "<https://optral.example/executions/exe_1|Raise a memory limit: Deployment shop/web>" in wanted
    assert "requested by usr_1" in wanted
    assert "<https://optral.example/clusters/cls_1|" in offline


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"substatus": Substatus.MUTED, "mute_rule_id": "mut_1"}, "The issue is muted"),
        ({"parent_issue_id": "iss_root"}, "The issue is a symptom of another issue"),
        ({"status": Status.RESOLVED, "resolved_at": NOON}, "The issue is resolved"),
    ],
)
async def test_an_alert_of_jira_service_management_ends_with_the_reason(
    world: World, receiver: Receiver, more: dict[str, Any], note: str
) -> None:
    await create(world, receiver.url, form=Form.JSM)
    issue_id = await world.issue()
    await world.tell()
    await world.carry()
    await move(world, issue_id, **more)
    changes = {"substatus": {"from": "new", "to": "muted"}}
    await world.event("issue.updated", issue_id, changes=changes)
    await world.tell()
    await world.carry()
    assert json.loads(receiver.got[-1][1])["note"] == note
