"""Tickets of Jira, GitHub, GitLab and Gitea (Forgejo) behind one interface. Everything raises `ForgeError`.

Sources: Jira Cloud platform REST API, "Issues", "Issue search"; GitHub REST API, "Issues"; GitLab REST API, "Issues API", "Notes API"; the
Swagger description that every Gitea serves. A marker in the ticket finds one whose creation was not confirmed. Searches of GitHub are
indexed late, so its newest issues are listed instead.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar
from urllib.parse import unquote

import msgspec

from optral.forges.model import ForgeError
from optral.forges.requests import Requests, quoted
from optral.kit.outbound import Caller
from optral.webhooks.model import TICKETS

_CODE = re.compile(r"`([^`\n]*)`")
_MARKUP = re.compile(r"[\\{}\[\]!|*_^~]")

_T = TypeVar("_T")
LISTED = 100  # newest tickets that are searched for the marker
MAX_LABELS = 1000
_PAGE = {"limit": "100", "per_page": "100"}  # of Gitea and of GitHub


class Ticket(NamedTuple):
    id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a ticket is created with. `marker` is in `body`, and unique; `kind` and `extra` are of Jira: type of issue, more fields."""

    title: str
    body: str
    marker: str
    labels: Sequence[str] = ()
    assignee: str = ""
    kind: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


_Text = Annotated[str, msgspec.Meta(max_length=200)]


class _Label(msgspec.Struct):
    id: int
    name: str


class _Issue(msgspec.Struct):
    number: int
    html_url: str
    body: str | None = None

    @property
    def ticket(self) -> Ticket:
        return Ticket(str(self.number), self.html_url)


class _User(msgspec.Struct):
    id: int


class _GitLabIssue(msgspec.Struct):
    iid: int
    web_url: str
    description: str | None = None
    state: str = ""

    @property
    def ticket(self) -> Ticket:
        return Ticket(str(self.iid), self.web_url)


class _JiraIssue(msgspec.Struct):
    key: _Text


class _JiraIssues(msgspec.Struct):
    issues: list[_JiraIssue]


class _Category(msgspec.Struct):
    key: str = ""


class _Status(msgspec.Struct):
    name: str = ""
    category: _Category = msgspec.field(name="statusCategory", default_factory=_Category)


class _JiraFields(msgspec.Struct):
    status: _Status


class _JiraStatus(msgspec.Struct):
    fields: _JiraFields


class _Transition(msgspec.Struct):
    id: str
    name: str
    to: _Status = msgspec.field(default_factory=_Status)


class _Transitions(msgspec.Struct):
    transitions: list[_Transition]


def _read(found: Any, kind: type[_T]) -> _T:
    """The answer of a service, as far as it is read."""
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        raise ForgeError("not_a_forge", f"the answer is not one of this API ({error}); check the URL, and a proxy on the way") from None


class Tickets(Protocol):
    """The tickets of one project."""

    async def create(self, draft: Draft) -> Ticket: ...

    async def find(self, marker: str) -> Ticket | None:
        """The ticket that has this marker."""
        ...

    async def comment(self, ticket_id: str, text: str) -> None: ...

    async def set_open(self, ticket_id: str, *, is_open: bool) -> None:
        """Close or reopen it. A ticket that already is so stays as it is."""
        ...


class ForgeTickets:
    """GitHub and Gitea: issues of a repository. `takes_names`: labels are given by name, and not by number."""

    def __init__(self, http: Requests, project: str, *, takes_names: bool) -> None:
        self._http, self._root, self._takes_names = http, f"/repos/{project}", takes_names

    async def create(self, draft: Draft) -> Ticket:
        body: dict[str, Any] = {"title": draft.title, "body": draft.body, "labels": await self._labels(draft.labels)}
        if draft.assignee:
            body["assignees"] = [draft.assignee]
        return _read(await self._http.send("POST", f"{self._root}/issues", body), _Issue).ticket

    async def _labels(self, names: Sequence[str]) -> list[Any]:
        if self._takes_names or not names:
            return list(names)
        known: dict[str, Any] = {}
        async for one in self._listed("labels", MAX_LABELS, of=_Label):
            known[one.name] = one.id
            if known.keys() >= set(names):
                return [known[name] for name in names]
        missing = next(name for name in names if name not in known)
        raise ForgeError("refused_by_forge", f"the repository has no label {missing}; create it, or remove it from the template")

    async def _listed(self, what: str, most: int, *, of: type[_T], **query: str) -> AsyncIterator[_T]:
        """About the first `most`, by pages: a Gitea gives 50 at once, or what its administrator set."""
        count, page = 0, 1
        while count < most:
            found = _read(await self._http.get(f"{self._root}/{what}", **query, page=str(page), **_PAGE), list[of])  # type: ignore[valid-type]
            if not found:
                return
            for one in found:
                yield one
            count, page = count + len(found), page + 1

    async def find(self, marker: str) -> Ticket | None:
        newest = self._listed("issues", LISTED, of=_Issue, state="all", sort="created", direction="desc", type="issues")
        return await anext((one.ticket async for one in newest if marker in (one.body or "")), None)

    async def comment(self, ticket_id: str, text: str) -> None:
        await self._http.send("POST", f"{self._root}/issues/{ticket_id}/comments", {"body": text})

    async def set_open(self, ticket_id: str, *, is_open: bool) -> None:
        await self._http.send("PATCH", f"{self._root}/issues/{ticket_id}", {"state": "open" if is_open else "closed"})


class GitLabTickets:
    def __init__(self, http: Requests, project: str) -> None:
        self._http, self._root = http, f"/projects/{quoted(project)}/issues"

    async def create(self, draft: Draft) -> Ticket:
        body: dict[str, Any] = {"title": draft.title, "description": draft.body, "labels": ",".join(draft.labels)}
        if draft.assignee:
            users = _read(await self._http.get("/users", username=draft.assignee), list[_User])
            if not users:
                raise ForgeError("refused_by_forge", f"GitLab has no user {draft.assignee}; correct the assignee of the template")
            body["assignee_ids"] = [users[0].id]
        return _read(await self._http.send("POST", self._root, body), _GitLabIssue).ticket

    async def find(self, marker: str) -> Ticket | None:
        wanted = {"in": "description", "search": marker, "order_by": "created_at"}
        found = _read(await self._http.get(self._root, **wanted), list[_GitLabIssue])
        return next((one.ticket for one in found if marker in (one.description or "")), None)

    async def comment(self, ticket_id: str, text: str) -> None:
        await self._http.send("POST", f"{self._root}/{ticket_id}/notes", {"body": text})

    async def set_open(self, ticket_id: str, *, is_open: bool) -> None:
        known = _read(await self._http.get(f"{self._root}/{ticket_id}"), _GitLabIssue)
        if (known.state == "opened") is not is_open:  # an event that changes nothing is refused
            await self._http.send("PUT", f"{self._root}/{ticket_id}", {"state_event": "reopen" if is_open else "close"})


class JiraTickets:
    """`base_url` is that of the site. The marker is a label too, which a query finds."""

    def __init__(self, http: Requests, project: str, *, base_url: str) -> None:
        self._http, self._project, self._base = http, project, base_url

    async def create(self, draft: Draft) -> Ticket:
        fields: dict[str, Any] = {
            **draft.extra,
            "project": {"key": self._project},
            "issuetype": {"name": draft.kind or "Bug"},
            "summary": draft.title,
            "description": _wiki(draft.body),
            "labels": [*(one.replace(" ", "-") for one in draft.labels), draft.marker],  # which have no spaces
        }
        if draft.assignee:
            fields["assignee"] = {"id": draft.assignee}
        return self._ticket(_read(await self._http.send("POST", "/rest/api/2/issue", {"fields": fields}), _JiraIssue))

    async def find(self, marker: str) -> Ticket | None:
        query = f'project = "{self._project}" AND labels = "{marker}"'
        found = _read(await self._http.get("/rest/api/2/search/jql", jql=query, fields="key"), _JiraIssues)
        return next(map(self._ticket, found.issues), None)

    async def comment(self, ticket_id: str, text: str) -> None:
        await self._http.send("POST", f"/rest/api/2/issue/{quoted(ticket_id)}/comment", {"body": _wiki(text)})

    async def set_open(self, ticket_id: str, *, is_open: bool) -> None:
        path, name = f"/rest/api/2/issue/{quoted(ticket_id)}", "To Do" if is_open else "Done"
        known = _read(await self._http.get(path, fields="status"), _JiraStatus)
        if (known.fields.status.category.key == "done") is not is_open:
            return
        offered = _read(await self._http.get(f"{path}/transitions"), _Transitions).transitions
        by_name = [one for one in offered if name.lower() in (one.name.lower(), one.to.name.lower())]
        if not by_name:
            names = ", ".join(one.name for one in offered) or "none"
            raise ForgeError("refused_by_forge", f"the ticket {ticket_id} has no transition {name}; it has: {names}")
        await self._http.send("POST", f"{path}/transitions", {"transition": {"id": by_name[0].id}})

    def _ticket(self, found: _JiraIssue) -> Ticket:
        return Ticket(found.key, f"{self._base}/browse/{found.key}")


def _wiki(text: str) -> str:
    """Markdown's spans of code as those of Jira's wiki markup, where a backslash takes the meaning of a character. There, too, a name in a
    span mentions nobody."""
    return _CODE.sub(lambda span: "{{" + _MARKUP.sub(r"\\\g<0>", span[1]) + "}}", text)


def of(url: str, caller: Caller, headers: Mapping[str, str]) -> Tickets:
    """The tickets of the project at this address of `checked_url`. `headers` authenticate."""
    found = TICKETS.fullmatch(url)
    if found is None:
        raise ForgeError("moved", "the address names no project; correct it")
    http = Requests(
        caller,
        api=found["api"],
        headers=headers,
        title=_title(found),
        needs="the right to create and edit issues",
        setting="OPTRAL_WEBHOOK_PRIVATE_NETWORKS",
        project="repository" if found["repository"] else "project",
    )
    if found["repository"]:
        return ForgeTickets(http, found["repository"], takes_names=_title(found) == "GitHub")
    if found["project"]:
        return GitLabTickets(http, unquote(found["project"]))
    return JiraTickets(http, found["key"], base_url=found["api"])


def _title(found: re.Match[str]) -> str:
    if found["repository"]:
        return "Gitea" if found["api"].endswith("/api/v1") else "GitHub"
    return "GitLab" if found["project"] else "Jira"
