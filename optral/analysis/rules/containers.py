"""Evidence about containers that many rules cite."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from optral.analysis.model import Sentence
from optral.analysis.reading import logs
from optral.analysis.reading.case import Case, Container, Focus, cite
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import SnapshotObject


class LogLine(NamedTuple):
    """A line of a container's log, with the id of its evidence and what it names."""

    evidence_id: str
    text: str
    slots: Mapping[str, str] = MappingProxyType({})


def exit_id(case: Case, seen: Container) -> str:
    """How its last run ended, and how often it was restarted."""
    last = seen.exit_path.removeprefix(seen.status_path + ".")
    members = [f"{last}.{name}" for name in ("reason", "exitCode", "startedAt", "finishedAt")] if last else []
    return case.book.fields(seen.pod, seen.status_path, "name", "restartCount", *members)


def exit_message_id(case: Case, seen: Container) -> str:
    """How its last run ended, with the runtime's message."""
    if not seen.exit_path:
        return exit_id(case, seen)
    last = seen.exit_path.removeprefix(seen.status_path + ".")
    return case.book.fields(seen.pod, seen.status_path, "name", f"{last}.reason", f"{last}.exitCode", f"{last}.message")


def waiting_id(case: Case, seen: Container) -> str:
    """What it waits for."""
    return case.book.fields(seen.pod, seen.status_path, "name", "state.waiting.reason", "state.waiting.message")


def spec_id(case: Case, seen: Container, *members: str) -> str:
    """Members of its spec."""
    return case.book.fields(seen.pod, seen.spec_path, "name", *members)


_EXECUTED = re.compile(r"""\bexec(?:: "?| "?(?=/))([^":\s]{1,200})"?: |sh: (?:line )?(?:\d+: )?(\S{1,100}): (?:command )?not found""")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh"})


def program(case: Case, seen: Container, message: str, reported: str) -> list[Sentence]:
    """The program that it runs, as the runtime's message names it, else as its spec does; empty where the image alone knows."""
    return program_of(seen.spec.get("command"), message, reported, lambda: spec_id(case, seen, "command"))


def program_of(command: object, message: str, reported: str, shown: Callable[[], str]) -> list[Sentence]:
    """As `program`, of any command; `shown` gives the evidence of the command. Of `sh -c SCRIPT` it is the script."""
    if (executed := _EXECUTED.search(message)) is not None:
        return [cite("It runs {program}.", reported, program=executed.group(1) or executed.group(2))]
    words = [word for word in command if isinstance(word, str)] if isinstance(command, list) else []
    if not words:
        return []
    is_script = words[0].rpartition("/")[2] in _SHELLS and "-c" in words[1:-1]
    name = words[words.index("-c") + 1] if is_script else words[0]
    return [] if "`" in name or len(name) > 160 else [cite("It runs {program}.", shown(), program=name)]


def node_of(case: Case, pod: SnapshotObject) -> list[Sentence]:
    """The node of a pod; empty where it has none."""
    name = pod.text("spec.nodeName")
    return [cite("It is on node {node}.", case.book.fields(pod, "spec", "nodeName"), node=name)] if name else []


def parts(focus: Focus) -> tuple[Container, SnapshotObject] | None:
    """The focus's container and its pod; None without one."""
    return None if focus.container is None else (focus.container, focus.container.pod)


def container_change(case: Case, workload: SnapshotObject, seen: Container, part: str) -> Change | None:
    """The newest change of a part of this container's spec."""
    for change in case.changes(workload):
        path = change.path.lower()
        if f"/{seen.name.lower()}/" in path + "/" and part.lower() in path:
            return change
    return None


def container_events(case: Case, seen: Container, *reasons: str) -> list[SnapshotObject]:
    """Fresh Events about this container of its pod, or about the pod without naming a container; newest first."""
    found = []
    for event in case.events(seen.pod, *reasons):
        path = event.text("involvedObject.fieldPath")
        if not path or "{" not in path or path.endswith(f"{{{seen.name}}}"):
            found.append(event)
    return found


def sign_lines(case: Case, seen: Container) -> dict[str, LogLine]:
    """Log sign → the last line of the container's log that has it."""
    found: dict[str, LogLine] = {}
    for key, text in case.logs(seen):
        for sign in logs.signs(text):
            if sign.kind not in found:
                found[sign.kind] = LogLine(case.book.log(key, sign.line), sign.line, sign.slots)
    return found


def last_error(case: Case, seen: Container) -> LogLine | None:
    """The last log line that reports an error."""
    for key, text in case.logs(seen):
        if (line := logs.last_error(text)) is not None:
            return LogLine(case.book.log(key, line), line)
    return None
