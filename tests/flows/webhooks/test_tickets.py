"""Tickets at a double of each service, built from its published API. Both databases."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from optral.analysis import repository as analysis_rows
from optral.analysis.model import Analysis, Status as AnalysisStatus, Trigger
from optral.flows.webhooks import manage, ticket_api, ticketing
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.ticket_api import Draft, ForgeTickets, GitLabTickets, JiraTickets, Tickets
from optral.flows.webhooks.tickets import TicketDelivery, TicketSender, marker
from optral.forges.model import ForgeError
from optral.forges.requests import Requests
from optral.issues.model import Status
from optral.kit.outbound import CallFailed, Reply, Request
from optral.kit.records import changing
from optral.server import retention
from optral.server.settings import Settings
from optral.store.store import Store
from optral.terms import ids
from optral.terms.actor import system
from optral.terms.errors import Invalid
from optral.terms.ids import OrgId
from optral.webhooks import threads
from optral.webhooks.model import Credentials, Form, Outcome, Webhook
from optral.webhooks.ticket_template import TicketTemplate
from tests.flows.webhooks.deliveries import KEY, Hanging, World
from tests.flows.webhooks.test_routing import move
from tests.support.clock import FakeClock

GITHUB = "https://api.github.com/repos/shop/ops/issues"
WEBHOOK, ISSUE = ids.new("whk"), ids.new("iss")
MARK = marker(WEBHOOK, ISSUE)
DRAFT = Draft(title="Killed for memory", body=f"Open in Optral. {MARK}", marker=MARK, labels=["ops"])


class Service:
    """The issues of one project; `answers` come first. None is an answer that is lost after the request took effect, a list has the
    answer in place of that."""

    def __init__(self) -> None:
        self.tickets: dict[str, dict[str, Any]] = {}
        self.created, self.absent = 0, 404
        self.answers: list[Reply | str | list[Reply] | None] = []

    async def call(self, request: Request) -> Reply:
        given = self.answers.pop(0) if self.answers else ""
        if isinstance(given, Reply):
            return given
        if given and isinstance(given, str):
            raise CallFailed(given)
        parts = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            reply = self.answer(request.method, parts.path, query, json.loads(request.body) if request.body else {})
        except KeyError:
            return Reply(self.absent, {}, b'{"message": "This issue was deleted"}')
        if given is None:
            raise CallFailed("timeout")
        if isinstance(given, list):
            return given[0]
        return Reply(201 if request.method == "POST" else 200, {}, json.dumps(reply).encode())

    async def close(self) -> None:
        pass

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        if query.get("page", "1") != "1":
            return []
        if path.endswith("/users"):
            return [{"id": 5, "username": query["username"]}]
        if path.endswith("/labels"):
            return [{"id": 7, "name": "ops"}]
        if path.endswith("/search/jql"):
            return {"issues": [one for one in self.tickets.values() if f'labels = "{one["fields"]["labels"][-1]}"' in query["jql"]]}
        number = next(iter(re.findall(r"/(?:issues?)/(?:OPS-)?(\d+)", path)), None)
        if number is None:
            return list(self.tickets.values()) if method == "GET" else self.create(body)
        ticket = self.tickets[number]
        if path.endswith(("/comments", "/comment", "/notes")):
            ticket["said"].append(body["body"])
            return {}
        if path.endswith("/transitions"):
            if method == "GET":
                return {"transitions": [{"id": "31", "name": "Finish", "to": {"name": "Done"}}, {"id": "11", "name": "To Do", "to": {}}]}
            ticket["is_open"] = body["transition"]["id"] == "11"
        elif method != "GET":
            ticket["is_open"] = body.get("state") == "open" or body.get("state_event") == "reopen"
        category = "new" if ticket["is_open"] else "done"
        shown = {"state": "opened" if ticket["is_open"] else "closed"}
        return ticket | shown | {"fields": ticket["fields"] | {"status": {"statusCategory": {"key": category}}}}

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        self.created += 1
        number = str(self.created)
        url = f"https://tickets.example.com/{number}"
        made = {"number": int(number), "iid": int(number), "key": f"OPS-{number}", "html_url": url, "web_url": url}
        about = {"body": body.get("body"), "description": body.get("description"), "fields": body.get("fields", {})}
        self.tickets[number] = {**made, **about, "given": body, "is_open": True, "said": []}
        return self.tickets[number]


def http(service: Service) -> Requests:
    return Requests(service, api="https://tickets.example.com", headers={}, title="Tickets", needs="write access")


PROVIDERS: dict[str, Callable[[Service], Tickets]] = {
    "github": lambda service: ForgeTickets(http(service), "shop/ops", takes_names=True),
    "gitea": lambda service: ForgeTickets(http(service), "shop/ops", takes_names=False),
    "gitlab": lambda service: GitLabTickets(http(service), "shop/ops"),
    "jira": lambda service: JiraTickets(http(service), "OPS", base_url="https://tickets.example.com"),
}


CLOSES: dict[type, list[str]] = {ForgeTickets: [""], GitLabTickets: [""] * 2, JiraTickets: [""] * 3}
"""The requests that close a ticket, before the comment."""


@pytest.fixture(params=PROVIDERS)
def service(request: pytest.FixtureRequest) -> Service:
    made = Service()
    made.api = PROVIDERS[request.param](made)  # type: ignore[attr-defined]
    return made


def delivery(store: Store, org: OrgId, service: Service) -> TicketDelivery:
    return TicketDelivery(store, system(org), service.api, webhook_id=WEBHOOK, issue_id=ISSUE)  # type: ignore[attr-defined]


async def test_a_ticket_is_created_once_closed_and_reopened_with_comments(store: Store, org: OrgId, service: Service) -> None:
    one = delivery(store, org, service)
    for _ in range(2):
        assert (await one.send(DRAFT, is_open=True)).is_good
    for is_open in (False, False, True):
        assert (await one.send(DRAFT, is_open=is_open, ended="Resolved.", returned="It is back.")).is_good
    (ticket,) = service.tickets.values()
    assert (ticket["is_open"], ticket["said"]) == (True, ["Resolved.", "It is back."])
    kept = await store.read(system(org), lambda tx: threads.get(tx, WEBHOOK, ISSUE))
    assert kept is not None and kept.remote_id in ("1", "OPS-1")
    assert str(kept.remote_url).endswith("/1" if kept.remote_id == "1" else "OPS-1")


@pytest.mark.parametrize("failure", [Reply(500, {}, b"{}"), Reply(404, {}, b"{}"), "timeout"])
async def test_a_comment_that_failed_is_sent_with_the_next_attempt(
    store: Store, org: OrgId, service: Service, failure: Reply | str
) -> None:
    one = delivery(store, org, service)
    assert (await one.send(DRAFT, is_open=True)).is_good
    service.answers = [*CLOSES[type(service.api)], failure]  # type: ignore[attr-defined]
    assert not (await one.send(DRAFT, is_open=False, ended="Resolved.")).is_good
    (ticket,) = service.tickets.values()
    assert (ticket["is_open"], ticket["said"]) == (False, [])
    for _ in range(2):
        assert (await one.send(DRAFT, is_open=False, ended="Resolved.")).is_good
    assert (ticket["is_open"], ticket["said"]) == (False, ["Resolved."])


async def test_a_lost_answer_creates_no_second_ticket(store: Store, org: OrgId, service: Service) -> None:
    one = delivery(store, org, service)
    service.answers = ["", None] if isinstance(service.api, ForgeTickets) and not service.api._takes_names else [None]  # type: ignore[attr-defined]
    assert (await one.send(DRAFT, is_open=True)).error == "forge_unreachable"
    assert (await one.send(DRAFT, is_open=True)).is_good
    assert len(service.tickets) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 500, 503])
async def test_a_refusal_is_an_answer_and_the_next_attempt_creates_the_ticket(
    store: Store, org: OrgId, service: Service, status: int
) -> None:
    one = delivery(store, org, service)
    service.answers = [Reply(status, {}, b'{"message": "no"}')]
    assert not (await one.send(DRAFT, is_open=True)).is_good
    assert (await one.send(DRAFT, is_open=True)).is_good
    assert len(service.tickets) == 1


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        (Reply(429, {"retry-after": "30"}, b"{}"), 30),
        (Reply(403, {}, b'{"message": "You have exceeded a secondary rate limit"}'), 60),
    ],
)
async def test_a_limit_of_requests_is_waited_for(store: Store, org: OrgId, service: Service, reply: Reply, wait_s: float) -> None:
    service.answers = [reply]
    answer = await delivery(store, org, service).send(DRAFT, is_open=True)
    assert (answer.status, answer.retry_after_s) == (429, wait_s)


async def test_an_issue_that_ended_before_it_had_a_ticket_gets_none(store: Store, org: OrgId, service: Service) -> None:
    assert (await delivery(store, org, service).send(DRAFT, is_open=False)).is_good
    assert not service.tickets


def carried(world: World) -> Service:
    """The service that the tickets of this world are in."""
    service = Service()
    senders = {Form.TICKET: TicketSender(world.store, service)}
    world.delivery_worker = DeliveryWorker(
        world.store, world.clock, key=KEY, sender=Hanging(), issue_senders=senders, link="https://optral.example"
    )
    return service


GITEA = "https://git.example.com/api/v1/repos/shop/ops/issues"
GITLAB = "https://gitlab.com/api/v4/projects/shop%2Fops/issues"
JIRA = "https://shop.atlassian.net/rest/api/2/project/OPS"
TEMPLATE = TicketTemplate(
    title="[{cluster}] {severity}: {title}",
    text="{severity} {type} of {object} in {namespace}, team {team}.\nCause: {cause}\n[Open]({url})",
    labels=["ops", "team:{team}"],
    assignee="ada",
)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        (GITHUB, {"labels": ["ops"], "assignees": ["ada"]}),
        (GITEA, {"labels": [7], "assignees": ["ada"]}),
        (GITLAB, {"labels": "ops", "assignee_ids": [5]}),
    ],
)
async def test_a_ticket_is_created_by_its_template(world: World, url: str, sent: dict[str, Any]) -> None:
    service = carried(world)
    hook, _ = await world.hook(url, form=Form.TICKET, credentials=Credentials(token="token"), ticket=TEMPLATE)
    issue_id = await world.issue(title="Container @all was killed\n/close {cluster}")
    await world.tell()
    await world.carry()
    (ticket,) = service.tickets.values()
    given = ticket["given"]
    assert given["title"] == "[] high: Container @all was killed /close {cluster}"
    text = given.pop("body", None) or given.pop("description")
    assert text.startswith(
        "high `OOMKilled` of `Deployment web` in `shop`, team .\nCause: \n[Open](https://optral.example/issues/" + issue_id
    )
    assert text.endswith(f"`{marker(hook.id, issue_id)}`")
    assert {name: given[name] for name in sent} == sent


async def test_a_ticket_of_jira_has_its_type_its_fields_and_labels_without_spaces(world: World) -> None:
    service = carried(world)
    more = {"priority": {"name": "High"}, "customfield_10010": [1, "a"]}
    template = replace(TEMPLATE, labels=["on call", "{title}, {type}", "{severity}", "high"], issue_type="Task", fields=more)
    hook, _ = await world.hook(JIRA, form=Form.TICKET, credentials=Credentials(token="token"), ticket=template)
    issue_id = await world.issue(title="a,b\nc")
    await world.tell()
    await world.carry()
    (ticket,) = service.tickets.values()
    fields = ticket["given"]["fields"]
    assert {name: fields[name] for name in more} == more
    assert (fields["issuetype"], fields["assignee"], fields["project"]) == ({"name": "Task"}, {"id": "ada"}, {"key": "OPS"})
    assert fields["labels"] == ["on-call", "a-b-c,-OOMKilled", "high", marker(hook.id, issue_id)]


async def test_a_name_mentions_nobody_in_the_wiki_markup_of_jira(world: World) -> None:
    service = carried(world)
    await world.hook(JIRA, form=Form.TICKET, credentials=Credentials(token="token"))
    await world.issue(title="Pod [~accountid:1] {color:red}was killed")
    await world.tell()
    await world.carry()
    (ticket,) = service.tickets.values()
    fields = ticket["given"]["fields"]
    assert fields["summary"] == "Pod [~accountid:1] {color:red}was killed", "a summary has no markup"
    assert fields["description"].startswith(r"{{Pod \[\~accountid:1\] \{color:red\}was killed}}")
    assert "`" not in fields["description"]


def found(world: World, issue_id: str) -> Analysis:
    return Analysis(
        id=ids.new("ana"),
        org_id=world.org,
        cluster_id=world.cluster,
        issue_id=issue_id,
        status=AnalysisStatus.READY,
        trigger=Trigger.AUTO,
        requested_by="system",
        created_at=world.clock.now(),
        finished_at=world.clock.now(),
        result={"rootCause": {"id": "memory_limit_too_low", "title": "The limit is too low"}},
    )


async def test_the_text_of_a_template_has_the_cause_that_was_found(world: World) -> None:
    service = carried(world)
    template = TicketTemplate(title="{team}", text="{cause}")
    await world.hook(GITHUB, form=Form.TICKET, credentials=Credentials(token="token"), ticket=template)
    issue_id = await world.issue()
    await world.store.write(system(world.org), lambda tx: analysis_rows.insert(tx, [found(world, issue_id)]))
    await world.tell()
    await world.carry()
    (ticket,) = service.tickets.values()
    assert ticket["given"]["title"] == "Container api was killed for memory"  # not empty: the issue has no team
    assert ticket["given"]["body"].startswith("`The limit is too low`\n\n`optral-")


@pytest.mark.parametrize("after", [GITHUB, GITEA, GITLAB])
async def test_a_template_of_jira_is_refused_with_an_address_of_others(world: World, after: str) -> None:
    template = TicketTemplate(issue_type="Task")
    with pytest.raises(Invalid) as refused:
        await world.hook(after, form=Form.TICKET, credentials=Credentials(token="token"), ticket=template)
    assert refused.value.errors[0]["field"] == "ticket.issueType"
    hook, _ = await world.hook(JIRA, form=Form.TICKET, credentials=Credentials(token="token"), ticket=template)
    assert (await world.kept(hook)).ticket == template
    with pytest.raises(Invalid):
        await changed(world, hook, url=after, credentials=Credentials(token="token"))
    await changed(world, hook, {"ticket": None}, url=after, credentials=Credentials(token="token"))
    with pytest.raises(Invalid):
        await changed(world, hook, {"ticket": {"fields": {"priority": 1}}})


async def changed(world: World, hook: Webhook, wanted: dict[str, Any] | None = None, **more: Any) -> Webhook:
    change = changing(Webhook, wanted or {})
    return await world.store.write(world.owner, lambda tx: manage.change(tx, hook.id, change, key=KEY, **more))


@pytest.mark.parametrize("url", [GITHUB, GITEA, GITLAB, JIRA])
async def test_a_webhook_opens_a_ticket_and_closes_it_with_its_issue(world: World, url: str) -> None:
    service = carried(world)
    hook, _ = await world.hook(url, form=Form.TICKET, credentials=Credentials(token="token"))
    issue_id = await world.issue(title="Container @all was killed\n/close")
    await world.tell()
    await world.carry()
    (ticket,) = service.tickets.values()
    text = ticket["body"] or ticket["description"] or ticket["fields"]["description"]
    assert f"https://optral.example/issues/{issue_id}" in text
    assert "`Container @all was killed /close`" in text or text.startswith("{{Container @all was killed /close}}")
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    await world.carry()
    assert (ticket["is_open"], ticket["said"]) == (False, ["The issue has resolved in Optral."])
    assert {one.status for one in await world.deliveries(hook)} == {Outcome.DELIVERED}
    assert "token" not in text


async def test_a_ticket_is_closed_with_its_issue_however_old_it_is(world: World) -> None:
    service = carried(world)
    hook, _ = await world.hook(GITHUB, form=Form.TICKET, credentials=Credentials(token="token"))
    issue_id = await world.issue()
    await world.tell()
    await world.carry()
    settings = Settings.model_construct(retention_issues_days=90)
    for _ in range(4):  # a year, in which deliveries and threads reach their age
        world.clock.advance(timedelta(days=91).total_seconds())
        for row in retention.TABLE:
            if row.tables & {"webhook_deliveries", "webhook_threads"}:
                before = world.clock.now() - row.age(settings)
                await world.store.write(system(), lambda tx, row=row, before=before: row.delete(tx, before, 500))
    assert await world.deliveries(hook) == []
    await move(world, issue_id, "issue.resolved", status=Status.RESOLVED, resolved_at=world.clock.now())
    await world.tell()
    await world.carry()
    (ticket,) = service.tickets.values()
    assert (ticket["is_open"], ticket["said"]) == (False, ["The issue has resolved in Optral."])


async def test_the_ticket_of_a_deleted_issue_is_deleted_after_its_age(store: Store, org: OrgId, clock: FakeClock) -> None:
    await store.write(system(org), lambda tx: threads.begin(tx, WEBHOOK, ISSUE))
    clock.advance(timedelta(days=91).total_seconds())
    (row,) = (one for one in retention.TABLE if one.tables == {"webhook_threads"})
    before = clock.now() - timedelta(days=90)
    assert await store.write(system(), lambda tx: row.delete(tx, before, 500)) == 1
    assert await store.read(system(org), lambda tx: threads.get(tx, WEBHOOK, ISSUE)) is None


SECRET = "glpat-a1b2c3d4e5f6g7h8i9j0"


def refused(status: int, body: Any) -> Reply:
    return Reply(status, {}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("url", "reply", "said"),
    [
        (
            GITHUB,
            refused(422, {"message": "Validation Failed", "errors": [{"field": "assignees", "code": "invalid", "value": "zoe"}]}),
            "GitHub refuses this: Validation Failed; assignees invalid (zoe)",
        ),
        (GITHUB, refused(410, {"message": "Issues are disabled"}), "GitHub does not show this to the token: Issues are disabled"),
        (GITHUB, Reply(503, {}, b"<html><b>Unicorn</b></html>"), "GitHub answers with status 503"),
        (GITLAB, refused(400, {"message": {"title": ["is too long"]}}), "GitLab refuses this: title is too long"),
        (GITLAB, refused(401, {"message": f"{SECRET} {'x' * 500}"}), "GitLab does not accept the token: … xxx"),
        (GITEA, refused(422, {"message": "<p>Assignee does not exist</p>"}), "Gitea refuses this: Assignee does not exist"),
        (JIRA, refused(400, {"errorMessages": [], "errors": {"priority": "cannot be set"}}), "Jira refuses this: priority cannot be set"),
        (JIRA, refused(403, {"errorMessages": ["Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"]}), "Jira does not permit this"),
    ],
)
async def test_the_issue_shows_what_the_service_said(world: World, url: str, reply: Reply, said: str) -> None:
    service = carried(world)
    hook, _ = await world.hook(url, form=Form.TICKET, credentials=Credentials(token=SECRET))
    issue_id = await world.issue()
    service.answers = [reply]
    await world.tell()
    await world.carry()
    [one] = await world.deliveries(hook)
    [ticket] = await world.store.read(world.owner, lambda tx: ticketing.of(tx, issue_id))
    assert one.message is not None and one.message.startswith(said) and len(one.message) <= 400
    assert ticket.error == one.message
    assert not any(word in one.message for word in (SECRET, "<", "eyJ", "x" * 300))
    assert one.answered == (404 if reply.status == 410 else 422 if reply.status == 400 else reply.status)
    assert (await world.kept(hook)).is_enabled
    world.clock.advance(60)
    await world.carry()
    assert {(one.message, one.status) for one in await world.deliveries(hook)} == {(None, Outcome.DELIVERED)}


async def test_a_refused_address_names_the_setting_of_webhooks() -> None:
    service = Service()
    service.answers = ["refused_address"]
    with pytest.raises(ForgeError, match="OPTRAL_WEBHOOK_PRIVATE_NETWORKS"):
        await ticket_api.of("https://git.example.com/api/v1/repos/shop/ops/issues", service, {}).find(MARK)


@pytest.mark.parametrize("url", ["https://github.com/shop/ops", "https://api.github.com/repos/shop/issues", "https://x.example.com/"])
async def test_an_address_without_a_project_is_refused(world: World, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        await world.hook(url, form=Form.TICKET, credentials=Credentials(token="token"))
    assert refused.value.errors[0]["field"] == "url"


async def test_tickets_need_credentials(world: World) -> None:
    with pytest.raises(Invalid):
        await world.hook("https://api.github.com/repos/shop/ops/issues", form=Form.TICKET)
