"""An analysis on a terminal: what changed just before and the cause, then the reasons, the remedies and the evidence of each sentence.

Sentences carry the numbers of what they cite. Everything shown may come from a cluster, so it is cleaned like all other output; what an
application wrote itself is marked as its own words.
"""

import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from optral.cli.base.output import clean, stale_notice, time_of_day
from optral.cli.text import track_record
from optral.terms import impacts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST = 110
MAX_EVIDENCE = 14
NEAR, FAR = 0.06, 0.3  # how far behind the best score a rival may be to be about as likely, or less likely; beyond, it is unlikely
_UNFINISHED = ("queued", "running", "failed")
_QUOTED = re.compile(r"`([^`]*)`")
_CONFIDENCE = {"high": "bold green", "medium": "yellow", "low": "red"}
_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_KINDS = {
    "object": "object",
    "event": "event",
    "log": "log",
    "metric": "measured",
    "change": "change",
    "relation": "compared",
    "absence": "absent",
    "probe": "probed",
}


class Line(NamedTuple):
    """A paragraph of the sheet. `is_whole`: never broken, since it is there to be copied."""

    text: "Text"
    indent: int = 2
    is_whole: bool = False


def render(issue: dict[str, Any], analysis: dict[str, Any] | None) -> None:
    """Print an issue and why it exists; `analysis` as the API gives it, None when there is none yet."""
    console = _console()
    _head(console, issue)
    if notice := stale_notice(issue):
        _line(console, notice, "yellow")
    if analysis is None:
        _line(console, "Not analyzed yet. Run `optral issues explain ISSUE --again`.", "yellow")
        return
    if (more := _since(issue, analysis)) > 0:
        times = "once more" if more == 1 else f"{more} more times"
        _line(console, f"The issue occurred {times} after this analysis; `--again` runs a new one.", "yellow")
    for line in AnalysisText(analysis).lines():
        if line.is_whole:
            sys.stdout.write(f"{' ' * line.indent}{line.text.plain}\n")
        else:
            _print(console, line.text, indent=line.indent)


def _since(issue: dict[str, Any], analysis: dict[str, Any]) -> int:
    """How often the issue occurred after its evidence was read."""
    count, seen = issue.get("count"), analysis.get("occurrences")
    return count - seen if isinstance(count, int) and isinstance(seen, int) else 0


class AnalysisText:
    """One analysis on its way to the screen; numbers its evidence in the order of citing.

    `max_evidence`: how many pieces of evidence are shown; None for all.
    """

    def __init__(self, analysis: dict[str, Any], *, max_evidence: int | None = MAX_EVIDENCE) -> None:
        self._analysis, self._max_evidence = analysis, max_evidence
        self._sheet: list[Line] = []
        self._cause: dict[str, Any] = analysis.get("rootCause") or {}
        self._facts = {fact["id"]: fact for fact in analysis.get("evidence") or []}
        self._numbers: dict[str, int] = {}

    def lines(self) -> list[Line]:
        """All of it: what changed just before, the cause, the reasons, what to do, the evidence."""
        if self._is_ready():
            self._preceding()
            self._verdict()
            self._claims()
            self._actions()
            self._details()
        return self._sheet

    def answer(self) -> list[Line]:
        """What changed just before, the cause and what to do; then `reasons` gives the rest."""
        if self._is_ready():
            self._preceding()
            self._verdict()
            self._actions()
        return self._taken()

    def reasons(self) -> list[Line]:
        if self._analysis.get("status") not in _UNFINISHED:
            self._claims()
            self._details()
        return self._taken()

    def _taken(self) -> list[Line]:
        taken, self._sheet = self._sheet, []
        return taken

    def _details(self) -> None:
        self._evidence()
        self._others()
        self._timeline()
        self._foot()

    def _is_ready(self) -> bool:
        """Whether there is an answer; otherwise what stands in its way is on the sheet."""
        status = self._analysis.get("status")
        if status in ("queued", "running"):
            waits = " and ".join(clean(wait) for wait in self._analysis.get("waitsFor") or ())
            why = f" and is waiting for {waits}" if waits else ""
            self._line(f"The analysis {clean(self._analysis.get('id'))} is {status}{why}; try again shortly.", "yellow")
        if status == "failed":
            self._line(f"The analysis failed: {clean(self._analysis.get('failure'))}", "red")
        return status not in _UNFINISHED

    def _preceding(self) -> None:
        """What changed shortly before the issue, the likeliest trigger first."""
        from rich.text import Text

        found = [one for one in self._analysis.get("changes") or [] if one.get("text")]
        if not found:
            return
        self._print(Text("CHANGED JUST BEFORE", style="bold dim"), indent=2)
        for one in found:
            by = f" (by {clean(one['manager'])})" if one.get("manager") else ""
            self._print(self._cited(clean(one["text"]) + by, [one["evidenceId"]]), indent=4)
        self._blank()

    def _verdict(self) -> None:
        from rich.text import Text

        self._later_attempt()
        percent = f"{round(100 * float(self._analysis.get('confidence') or 0))} %"
        label = str(self._analysis.get("confidenceLabel") or "low")
        if not self._cause:
            self._line(clean(self._analysis.get("summary")), "bold yellow")
            return
        said = Text(clean(self._cause.get("title")), style="bold")
        said.append(f"   {percent} {label}", style=_CONFIDENCE.get(label, ""))
        self._print(said, indent=2)
        self._print(Text(f"{_ref(self._cause.get('subject'))}   {clean(self._cause.get('id'))}", style="cyan"), indent=2)

    def _later_attempt(self) -> None:
        attempt = self._analysis.get("attempt")
        if not attempt:
            return
        when = clean(attempt.get("finishedAt"))
        if attempt.get("status") == "failed":
            self._line(f"Analyzed again at {when}, which failed ({clean(attempt.get('failure'))}). This is the previous result.", "yellow")
            return
        lacked = "; ".join(clean(one) for one in attempt.get("missingEvidence") or ()) or "some of it"
        self._line(f"Analyzed again at {when} with less evidence (missing: {lacked}).", "yellow")
        self._line("The facts that this result cites have not changed, so it still applies.", "yellow")

    def _claims(self) -> None:
        if not self._cause:
            return
        self._section("Why")
        for claim in self._cause.get("claims") or []:
            self._print(self._cited(clean(claim.get("text")), claim.get("evidenceIds") or []), indent=4)

    def _actions(self) -> None:
        from rich.text import Text

        found = self._analysis.get("recommendedActions") or []
        if not found:
            return
        self._section("What to do")
        for index, action in enumerate(found, start=1):
            said = Text(f"{index}. {clean(action.get('title'))}")
            said.append(f"  {clean(action.get('risk'))}", style="dim")
            self._print(said, indent=4)
            self._runbook(action)
            if command := action.get("command") or (action.get("edit") or {}).get("command"):
                self._sheet.append(Line(Text(clean(command)), 7, is_whole=True))
        for obstacle in list({str(one["obstacle"]): one["obstacle"] for one in found if one.get("obstacle")}.values()):
            self._obstacle(obstacle)

    def _runbook(self, action: Mapping[str, Any]) -> None:
        from rich.text import Text

        if not (runbook := action.get("runbook")):
            return
        parameters = " ".join(f"{clean(name)}={clean(value)}" for name, value in (action.get("parameters") or {}).items())
        self._print(Text(f"runbook {clean(runbook)} {parameters}", style="green"), indent=7)
        if record := action.get("trackRecord"):
            self._print(Text(track_record.text(record), style="dim"), indent=7)
        if hold := action.get("hold"):
            until = f"; possible again at {time_of_day(hold['until'])}" if hold.get("until") else ""
            self._print(Text(f"{clean(hold.get('message'))}{until}", style="yellow"), indent=7)

    def _obstacle(self, obstacle: Mapping[str, Any]) -> None:
        """Why the agent does not make a change, and the commands that let it."""
        from rich.text import Text

        is_allowable = "chartValues" in obstacle
        advice = "Run the command yourself" + (", or allow it:" if is_allowable else ".")
        self._print(Text(f"{clean(obstacle.get('message'))} {advice}", style="yellow"), indent=4)
        for how, command in (("installed with Helm", obstacle.get("helm")), ("started with optral up", obstacle.get("up"))):
            if command:
                self._print(Text(f"for an agent {how}", style="dim"), indent=7)
                self._sheet.append(Line(Text(clean(command)), 7, is_whole=True))

    def _evidence(self) -> None:
        from rich.text import Text

        for hypothesis in (self._analysis.get("hypotheses") or [])[:1]:
            self._number(hypothesis.get("evidenceIds") or [])
        shown = [(number, self._facts[id_]) for id_, number in self._numbers.items() if id_ in self._facts]
        if not shown:
            return
        self._section("Evidence")
        for number, fact in shown[: self._max_evidence]:
            head = Text(f"[{number}] ", style="bold cyan")
            head.append(f"{_KINDS.get(str(fact.get('kind')), '')} ", style="dim")
            head.append(f"{_ref(fact.get('ref'))} ")
            head.append(clean(fact.get("path")), style="dim")
            if fact.get("trust") == "app_text":
                head.append("  written by the application", style="dim italic")
            self._print(head, indent=4)
            self._print(Text(clean(fact.get("excerpt"))), indent=8)
        if self._max_evidence is not None and len(shown) > self._max_evidence:
            self._line(f"and {len(shown) - self._max_evidence} more; use -o yaml to see all", "dim", indent=4)

    def _others(self) -> None:
        from rich.text import Text

        rest = [hypothesis for hypothesis in self._analysis.get("hypotheses") or [] if hypothesis.get("verdict") != "accepted"]
        if not rest:
            return
        self._section("Also considered" if self._cause else "Possible, not proven")
        best = max((_score(hypothesis) for hypothesis in self._analysis.get("hypotheses") or []), default=0.0)
        for one in rest[:4]:
            said = Text(f"{_likelihood(best - _score(one), has_winner=bool(self._cause))} ", style="dim")
            said.append(f"{clean(one.get('title'))} ")
            said.append(f"{_ref(one.get('subject'))} {clean(one.get('id'))}", style="dim")
            self._print(said, indent=4)

    def _timeline(self) -> None:
        from rich.text import Text

        moments = self._analysis.get("timeline") or []
        if len(moments) < 2:
            return
        self._section("Timeline")
        for moment in moments[-8:]:
            said = Text(f"{clean(moment.get('at'))}  ", style="dim")
            said.append(clean(moment.get("text")))
            self._print(said, indent=4)

    def _foot(self) -> None:
        for what in self._analysis.get("missingEvidence") or []:
            self._line(f"Missing: {clean(what)}", "yellow")
        for what in self._analysis.get("warnings") or []:
            self._line(f"Note: {clean(what)}", "yellow")
        engine = self._analysis.get("engine") or {}
        took = f", {self._analysis['durationMs']} ms" if self._analysis.get("durationMs") is not None else ""
        self._blank()
        self._line(f"{clean(self._analysis.get('id'))}  {clean(engine.get('name'))} {clean(engine.get('ruleset'))}{took}", "dim")

    def _section(self, title: str) -> None:
        from rich.text import Text

        self._blank()
        self._print(Text(title.upper(), style="bold dim"), indent=2)

    def _cited(self, text: str, ids: list[str]) -> "Text":
        said = _marked(text)
        numbers = self._number(ids)
        if numbers:
            said.append(" " + "".join(f"[{number}]" for number in numbers), style="cyan")
        return said

    def _number(self, ids: Iterable[str]) -> list[int]:
        return [self._numbers.setdefault(id_, len(self._numbers) + 1) for id_ in ids if id_ in self._facts]

    def _blank(self) -> None:
        from rich.text import Text

        self._sheet.append(Line(Text(), 0))

    def _line(self, text: str, style: str, indent: int = 2) -> None:
        from rich.text import Text

        self._print(Text(text, style=style), indent=indent)

    def _print(self, text: "Text", *, indent: int) -> None:
        self._sheet.append(Line(text, indent))


def _head(console: "Console", issue: dict[str, Any]) -> None:
    from rich.text import Text

    severity = str(issue.get("severity") or "")
    owner = issue.get("owner") or {}
    where = "/".join(
        clean(one) for one in (issue.get("cluster"), issue.get("namespace"), owner.get("name") or issue.get("resource")) if one
    )
    said = Text(clean(issue.get("type")), style="bold")
    said.append(f"  {severity}", style=_SEVERITY.get(severity, ""))
    said.append(f"  {where}")
    if issue.get("container"):
        said.append(f"  {clean(part_of(issue))}")
    said.append(f"  {clean(issue.get('status'))}", style="dim")
    sys.stdout.write("\n")
    _print(console, said, indent=0)
    _print(console, Text(clean(issue.get("title")), style="dim"), indent=0)
    if impact := issue.get("impact"):
        _print(console, Text(clean(impacts.sentence(impact)), style="dim"), indent=0)
    sys.stdout.write("\n")


def part_of(issue: dict[str, Any]) -> str:
    """What of the object the issue is about, with its noun: `container api`, `StorageClass fast`, `volume data`.

    The member `container` may also hold a reference, a permission or the value of a fact, whose name is then the noun.
    """
    part, facts = str(issue["container"]), issue.get("facts") or {}
    if part.startswith(f"{facts.get('kind')}/{facts.get('name')}"):
        return f"{facts['kind']} {facts['name']}" + (f", key {facts['key']}" if facts.get("key") else "")
    if part == f"{facts.get('verb')} {facts.get('resource')}":
        return f"permission {part}"
    if "containerKind" in facts:
        return f"container {part}"
    return f"{next((name for name, value in facts.items() if value == part), 'container')} {part}"


def _marked(text: str) -> "Text":
    """Names, numbers and quotes stand between backquotes: here they are set off by color instead."""
    from rich.text import Text

    said, place = Text(), 0
    for found in _QUOTED.finditer(text):
        said.append(text[place : found.start()])
        said.append(found.group(1), style="bold")
        place = found.end()
    said.append(text[place:])
    return said


def _score(hypothesis: dict[str, Any]) -> float:
    return float(hypothesis.get("score") or 0)


def _likelihood(behind: float, *, has_winner: bool) -> str:
    """How a rival stands to the best. No number: a score is no confidence, which is calibrated, and lower where rivals are near."""
    if behind < NEAR:
        return "about as likely:" if has_winner else "most likely:"
    return "less likely:" if behind < FAR else "unlikely:"


def _ref(ref: Any) -> str:
    if not isinstance(ref, dict):
        return ""
    return "/".join(clean(ref[name]) for name in ("kind", "namespace", "name") if ref.get(name))


def _line(console: "Console", text: str, style: str, indent: int = 2) -> None:
    from rich.text import Text

    _print(console, Text(text, style=style), indent=indent)


def _print(console: "Console", text: "Text", *, indent: int) -> None:
    from rich.padding import Padding

    with console.capture() as captured:
        console.print(Padding(text, (0, 0, 0, indent)))
    sys.stdout.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def _console() -> "Console":
    """As wide as the terminal, at most what the eye follows; the same width into a file."""
    from rich.console import Console

    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns) if sys.stdout.isatty() else WIDEST
    return Console(width=width, highlight=False, markup=False)
