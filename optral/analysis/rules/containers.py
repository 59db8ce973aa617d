"""Evidence about containers that many rules cite."""

from optral.analysis.case import Case, Container, Focus
from optral.analysis.evidence import Change
from optral.analysis.snapshot import Thing


def exit_id(case: Case, seen: Container) -> str:
    """How it ended last, and how often it was started again."""
    last = seen.exit_path.removeprefix(seen.status_path + ".")
    members = [f"{last}.{name}" for name in ("reason", "exitCode", "startedAt", "finishedAt")] if last else []
    return case.book.fields(seen.pod, seen.status_path, "name", "restartCount", *members)


def waiting_id(case: Case, seen: Container) -> str:
    """What it waits for."""
    return case.book.fields(seen.pod, seen.status_path, "name", "state.waiting.reason", "state.waiting.message")


def spec_id(case: Case, seen: Container, *members: str) -> str:
    """What was asked for it."""
    return case.book.fields(seen.pod, seen.spec_path, "name", *members)


def parts(focus: Focus) -> tuple[Container, Thing] | None:
    """The focus's container and its pod; None without one."""
    return None if focus.container is None else (focus.container, focus.container.pod)


def container_change(case: Case, workload: Thing, seen: Container, part: str) -> Change | None:
    """The newest change of a part of this very container's spec."""
    for change in case.changes(workload):
        path = change.path.lower()
        if f"/{seen.name.lower()}/" in path + "/" and part.lower() in path:
            return change
    return None


def container_events(case: Case, seen: Container, *reasons: str) -> list[Thing]:
    """Fresh Events about this container of its pod, or about the pod without naming a container; newest first."""
    found = []
    for event in case.events(seen.pod, *reasons):
        path = event.text("involvedObject.fieldPath")
        if not path or "{" not in path or path.endswith(f"{{{seen.name}}}"):
            found.append(event)
    return found
