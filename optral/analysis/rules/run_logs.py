"""What one run of a container wrote, as far as it is evidence: the run that failed, or the present run.

A container that fails writes why before it exits, so all of its last lines count. A container that runs may have logged an error at its
start, long before the failure of now. Of the present run only signs that last count (`kube/log_tally.py`): by the agent's report, else by
the times of the lines, else by how often they come among the newest lines.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from optral.analysis.reading import logs
from optral.analysis.reading.case import Case, Container
from optral.analysis.reading.snapshot import LogKey, SignKey
from optral.analysis.rules.containers import LogLine, sign_lines
from optral.kube import log_reports, log_tally
from optral.kube.objects import LogSigns

Text = tuple[LogKey | SignKey, str]


class RunLog(NamedTuple):
    """`texts` are the texts with the places where they stand, `lines` has the last line of each log sign. `lasting` are the signs that last
    in the present run."""

    texts: tuple[Text, ...]
    lines: Mapping[str, LogLine]
    lasting: frozenset[str]


class _Lasting(NamedTuple):
    sign: str
    text: Text
    slots: Mapping[str, str]


def shows(case: Case, container: Container) -> bool:
    """Whether any sign lasts in the present run."""
    return bool(case.once(_lasting, container))


def of_present(case: Case, container: Container, signs: frozenset[str] = frozenset()) -> RunLog:
    """The present run: the lines of signs that last. Those of `signs` alone, if any of them lasts."""
    found = case.once(_lasting, container)
    chosen = {sign: one for sign, one in found.items() if sign in signs} or found
    return RunLog(tuple(one.text for one in chosen.values()), _cited(case, chosen), frozenset(chosen))


def of_failed(case: Case, container: Container) -> RunLog:
    """The run that failed, or a run that may fail; signs that only the agent's report shows, too."""
    found = case.once(_lasting, container)
    texts: tuple[Text, ...] = tuple(case.logs(container)) or tuple(one.text for one in found.values())
    return RunLog(texts, {**_cited(case, found), **sign_lines(case, container)}, frozenset(found))


def _cited(case: Case, found: Mapping[str, _Lasting]) -> dict[str, LogLine]:
    return {sign: LogLine(case.book.log(*one.text), one.text[1], one.slots) for sign, one in found.items()}


def _lasting(case: Case, container: Container) -> dict[str, _Lasting]:
    """Log sign → its newest line, for the signs that last in the present run of the container."""
    return _reported(case, container) or _written(case, container)


def of_report(report: LogSigns, *, now: datetime) -> Iterator[Text]:
    """The lines of the signs that last, of all containers of a report."""
    for index in range(len(report.status.containers)):
        yield from (one.text for one in _of_container(report, index, now))


def _reported(case: Case, container: Container) -> dict[str, _Lasting]:
    """By the agent's report."""
    report = log_reports.of_pod(container.pod, case.snap.cluster)
    if report is None:
        return {}
    logged = (index for index, one in enumerate(report.status.containers) if one.name == container.name)
    return {one.sign: one for index in logged for one in _of_container(report, index, case.now)}


def _of_container(report: LogSigns, index: int, now: datetime) -> Iterator[_Lasting]:
    """The signs that last. Lines that address their reader do not count."""
    container = report.status.containers[index]
    for sign in log_reports.lasting(container, now=now):
        if logs.reporting(sign.message):
            path = f"status.containers[{index}].signs[{container.signs.index(sign)}].message"
            key = SignKey(report.namespace or "", report.name, container.name, path)
            yield _Lasting(sign.sign, (key, sign.message), sign.names)


def _written(case: Case, container: Container) -> dict[str, _Lasting]:
    """By the log of the present run, where it is at hand."""
    key = LogKey(container.pod.namespace or "", container.pod.name, container.name, False)
    now = case.snap.logs_at.get(key, case.now).timestamp()
    started_at = container.started_at.timestamp() if container.started_at is not None else 0.0
    lasting = log_tally.lasting_in(logs.reporting(case.snap.logs.get(key, "")), now=now, started_at=started_at)
    return {tally.sign: _Lasting(tally.sign, (key, tally.example), tally.slots) for tally in lasting}
