"""The first screen of `optral demo` and `optral up`: addresses, the API key and commands to try; then issues as they appear."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from optral.client.models import Issue
from optral.client.stream import Event
from optral.kit.printable import one_line
from optral.kit.words import counted

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_WORDS = {"issue.created": ("opened", "red"), "issue.updated": ("changed", "yellow"), "issue.resolved": ("resolved", "green")}

_MAX_SHOWN = 1000
_LOOKS = 2  # seconds in which an issue that opens is found to be a symptom
NO_CONTEXT = "-"  # commands in another terminal need exports


HeldContext = Callable[[str, str], AbstractContextManager[str]]
"""From address and API key of the server: holds a context of the command line, and gives the arguments that choose it."""


class Facts(NamedTuple):
    """What the first screen tells. `cluster` is one line about the cluster; `data` says where state is and whether it stays;
    `setup_link` opens the dashboard while nobody can sign in yet.
    """

    title: str
    api_url: str
    enroll_address: str
    tunnel_address: str
    cluster: str
    api_key: str
    data: str
    setup_link: str | None = None
    context: str = NO_CONTEXT
    """The arguments that commands in another terminal need: none if the server is their current context."""


class PendingIssue(NamedTuple):
    """An issue that opened and is not shown yet."""

    issue: Issue
    at: datetime
    looks: int


class Screen:
    """Writes to a terminal, or plain text elsewhere. `quiet` shows nothing (for `--once` off a terminal)."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console, self._quiet = console, quiet
        self._shown: dict[str, tuple[str, str, str]] = {}
        self._held: dict[str, PendingIssue] = {}
        self._causes: dict[str, str] = {}  # the last one of each issue

    def first(self, facts: Facts) -> None:
        if self._quiet:
            return
        self._console.print(Text(f"\n{facts.title}\n", style="bold"))
        for head, value in (
            ("API", f"{facts.api_url}   (docs at /docs)"),
            ("agents", f"{facts.enroll_address} (enrollment), {facts.tunnel_address} (connections)"),
            ("cluster", facts.cluster),
            ("data", facts.data),
            ("API key", facts.api_key),
            ("dashboard", f"{facts.setup_link}   (can be used once, within 30 minutes)" if facts.setup_link else facts.api_url),
        ):
            style = "bold" if head in ("API key", "dashboard") else ""
            row = Text.assemble((f"  {head:<9}   ", "dim"), (value, style))
            self._console.print(row, soft_wrap=True)  # a wrapped link cannot be opened
        self._console.print(Text("\nTry, in another terminal:\n", style="bold"))
        for line in to_try(facts):
            self._console.print(Text(f"  {line}"), soft_wrap=True)
        self._console.print(Text("\nIssues as they appear (press Ctrl-C to stop everything):\n", style="bold"))

    def say(self, text: str) -> None:
        if not self._quiet:
            self._console.print(Text(f"  {one_line(text)}", style="dim"))

    def issue(self, issue: Issue, *, event_type: str = "issue.created", at: datetime | None = None) -> None:
        """A line about an issue that resolves, or changes in a way that shows; one that opens is held, since it may be a symptom."""
        if issue.id not in self._shown:
            if event_type == "issue.resolved":
                self._held.pop(issue.id, None)
            elif not self._quiet:
                held = self._held.get(issue.id)
                self._held[issue.id] = PendingIssue(issue, at or datetime.now(UTC), held.looks if held else 0)
            return
        if issue.parent_issue_id is None or event_type == "issue.resolved":
            self._print(issue, event_type=event_type, at=at or datetime.now(UTC))

    def settle(self) -> None:
        """Called each second: show what opened and is no symptom of another issue, and how many are."""
        symptoms = 0
        for held in list(self._held.values()):
            if held.looks < _LOOKS:
                self._held[held.issue.id] = held._replace(looks=held.looks + 1)
                continue
            del self._held[held.issue.id]
            if held.issue.parent_issue_id is None:
                self._print(held.issue, event_type="issue.created", at=held.at)
            else:
                symptoms += 1
        if symptoms:
            self.say(f"{counted(symptoms, 'symptom')} of these issues: `optral issues list --parent any` shows them")

    def _print(self, issue: Issue, *, event_type: str, at: datetime) -> None:
        line_says = (event_type if event_type != "issue.updated" else "issue.created", issue.severity, issue.status)
        if self._quiet or self._shown.get(issue.id) == line_says:
            return
        is_new = issue.id not in self._shown
        self._shown[issue.id] = line_says
        if len(self._shown) > _MAX_SHOWN:
            self._shown.pop(oldest := next(iter(self._shown)))
            self._causes.pop(oldest, None)
        word, style = _WORDS.get(event_type, (event_type, ""))
        line = Text(f"  {at.astimezone():%H:%M:%S}  ", style="dim")
        line += Text(f"{word:<9}", style=style) + Text(f"{issue.severity:<9}", style=_STYLES.get(issue.severity, ""))
        self._console.print(line + Text(one_line(issue.title or issue.type)), soft_wrap=True)
        if is_new and (cause := self._causes.get(issue.id)):
            self._cause(cause)

    def event(self, event: Event, issue: Issue | None) -> None:
        data = event.data if isinstance(event.data, dict) else {}
        if issue is not None:
            self.issue(issue, event_type=event.type)
        elif event.type == "analysis.ready" and data.get("status") == "ready" and data.get("summary"):
            self._explain(str(data.get("issueId")), str(data["summary"]))
        elif event.type in ("cluster.online", "cluster.offline"):
            self.say(event.type.replace(".", " is "))

    def _explain(self, issue_id: str, summary: str) -> None:
        """The cause below its issue, or with it when that is shown; not again while its first sentence is the same."""
        said, says = (text.split(". ")[0].rstrip(".") for text in (self._causes.get(issue_id, ""), summary))
        if said == says or not (issue_id in self._held or issue_id in self._shown):
            return
        self._causes[issue_id] = summary
        if issue_id in self._shown and not self._quiet:
            self._cause(summary)

    def _cause(self, summary: str) -> None:
        self._console.print(Text(f"  {'':<10}cause    {one_line(summary)}", style="dim"), soft_wrap=True)


def to_try(facts: Facts) -> list[str]:
    """Commands to try: three of the command line if it has a context, else one that exports address and key, and three requests."""
    if facts.context != NO_CONTEXT:
        commands = ("issues list", "overview", *(("tui",) if find_spec("textual") else ()))
        return [f"{_command()} {command}{facts.context}" for command in commands]
    key = '-H "Authorization: Bearer $OPTRAL_API_KEY"'
    return [
        f"export OPTRAL_URL={facts.api_url} OPTRAL_API_KEY={facts.api_key}",
        f'curl -s {key} "$OPTRAL_URL/v1/issues?status=open&severity=critical"',
        f'curl -sN {key} "$OPTRAL_URL/v1/events/stream"',
        f'curl -s {key} "$OPTRAL_URL/v1/resources?kind=Pod&pageSize=5"',
    ]


def _command() -> str:
    """How another terminal in this folder starts the command line: by its path where the shell does not find it, as in a clone.

    What only an activated environment or uvx has put into PATH, another terminal does not find either.
    """
    beside, found = Path(sys.executable).with_name("optral"), shutil.which("optral")
    is_found_here = found is not None and Path(found).parent.resolve() == beside.parent.resolve() and sys.prefix != sys.base_prefix
    if not beside.exists() or (found is not None and not is_found_here):
        return "optral"
    if _is_of_uvx():
        return _uvx()
    return shlex.quote(str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside))


def _is_of_uvx() -> bool:
    """Whether the program runs in an environment that uvx keeps in its cache."""
    return "UV" in os.environ and any(part.startswith(("archive-v", "environments-v")) for part in Path(sys.prefix).parts)


def _uvx() -> str:
    """The same call of uvx; a package that is no release was given by its address."""
    import json

    try:
        source = json.loads(distribution("optral").read_text("direct_url.json") or "{}").get("url", "")
    except (PackageNotFoundError, ValueError):
        source = ""
    return f"uvx --from {shlex.quote(source)} optral" if source else "uvx optral"
