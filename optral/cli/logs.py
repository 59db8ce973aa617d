"""`optral logs`: the logs of many pods, merged by time, and followed.

Each line has its pod and container in front, as soon as there are several; the color only repeats what the name says. What is not a line
(a pod that came, went or cannot be read, lines that are missing) goes to stderr.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer

from optral.cli.base import output, spans, terminal
from optral.cli.base.command import Client
from optral.terms.errors import OptralError, Refused

COLORS = ("cyan", "green", "magenta", "yellow", "blue", "red", "bright_cyan", "bright_green", "bright_magenta", "bright_yellow")
WAIT_S = 10
PAUSE_S = 0.5  # between two reads of logs that have always something new
RETRY_S = 3.0
Answer = Mapping[str, Any]


def logs(
    context: typer.Context,
    client: Client,
    resources: Annotated[
        list[str] | None, typer.Argument(metavar="[RESOURCE]...", help="Pods, or their owner: deployment/web, shop/web, or an id.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", "-l", help="Pods with this label, as name:value; needs --cluster and --namespace.")
    ] = None,
    container: Annotated[str | None, typer.Option("--container", "-c", help="Container; separate several with commas.")] = None,
    all_containers: Annotated[bool, typer.Option("--all-containers", help="All containers of each pod.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Follow the log, including that of new pods, until Ctrl-C.")] = False,
    previous: Annotated[bool, typer.Option("--previous", "-p", help="Print the logs of the runs before the last restarts.")] = False,
    since: Annotated[str | None, typer.Option("--since", help="Only lines newer than this, such as 30s, 10m or 2h.")] = None,
    tail: Annotated[int, typer.Option(min=1, max=2000, help="Number of lines from the end of each log.")] = 200,
    grep: Annotated[str | None, typer.Option("--grep", "-e", help="Only lines that match this regular expression (RE2).")] = None,
    timestamps: Annotated[bool, typer.Option("--timestamps", help="Print the time of each line.")] = False,
    prefix: Annotated[
        bool | None, typer.Option("--prefix/--no-prefix", help="Print pod and container of each line; default: if there are several.")
    ] = None,
) -> None:
    """Print the logs of many pods, merged by time, fetched from the cluster now. The agent redacts secrets.

    Example: optral logs deployment/web -f --grep 'timeout|refused'

    At most 20 pods and 40 containers are read at once. Messages about the pods themselves go to stderr.
    """
    chosen = _pods_of(context, resources, label)
    if follow and previous:
        raise typer.BadParameter("a previous run has ended and writes no new lines; use either --follow or --previous")

    asked: dict[str, Any] = {
        **chosen,
        "container": container,
        "all_containers": all_containers,
        "previous": previous,
        "tailLines": tail,
        "sinceSeconds": spans.seconds(since) if since else None,
    }
    printer = _Printer(fits=_filter(grep), has_times=timestamps, has_prefix=prefix)
    answer = client.logs.read(**asked).value
    printer.show(answer, is_first=True)
    if not follow:
        _check(answer)
        return
    for more in _follow(client, asked, answer["cursor"]):
        printer.show(more)


def _pods_of(context: typer.Context, resources: list[str] | None, label: str | None) -> dict[str, str | None]:
    """The parameters that name the pods: resources, or a label in a namespace of a cluster."""
    if bool(resources) == bool(label):
        raise typer.BadParameter("specify pods or their owner, or use --label with --cluster and --namespace")
    if not label:
        return {"resource": ",".join(resources or ())}
    namespace, cluster = (context.meta.get(f"optral.{name}") or None for name in ("namespace", "cluster"))
    if not (namespace and cluster):
        raise typer.BadParameter("--label needs --cluster and --namespace")
    return {"label": label, "namespace": namespace, "cluster": cluster}


def _filter(grep: str | None) -> Callable[[str], object]:
    """Whether a line is wanted. RE2 takes time in proportion to the line, whatever the expression."""
    if grep is None:
        return lambda _: True
    import re2

    try:
        found: Callable[[str], object] = re2.compile(grep).search
    except re2.error as error:
        raise typer.BadParameter(f"{grep!r} is not a regular expression: {error}") from None
    return found


def _follow(client: "Client", asked: dict[str, Any], cursor: str, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Answer]:
    """The answers that follow, without end; while the server or the agent is away, it is asked again. Raises what will not pass."""
    is_away = False
    while True:
        try:
            answer = client.logs.read(**asked, cursor=cursor, wait=WAIT_S).value
        except OptralError as error:
            if not _may_pass(error):
                raise
            if not is_away:
                _say(f"{error.say}; trying again")
            is_away = True
            sleep(RETRY_S)
            continue
        is_away = False
        cursor = answer["cursor"]
        yield answer
        sleep(PAUSE_S if answer["lines"] else 0)


def _may_pass(error: OptralError) -> bool:
    status = getattr(error, "status", 1)
    return status in (0, 429) or status >= 500 or error.code == "cluster_offline"


def _check(answer: Answer) -> None:
    """Raises `Refused` when no log at all could be read."""
    if all(source["state"] != "read" for source in answer["sources"]):
        raise Refused("no_log", say="none of the logs could be read; the reasons are above")


class _Printer:
    """Prints answers. A prefix, once printed, stays."""

    def __init__(self, *, fits: Callable[[str], object], has_times: bool, has_prefix: bool | None) -> None:
        self._fits, self._has_times, self._has_prefix = fits, has_times, has_prefix
        self._colors: dict[str, str] = {}
        self._states: dict[tuple[str, str], str] = {}
        self._is_plain = not terminal.has_colors()

    def show(self, answer: Answer, *, is_first: bool = False) -> None:
        sources = answer["sources"]
        for source in sources:
            self._say_about(source, is_first=is_first)
        if is_first and answer["leftOut"]:
            _say(f"{answer['leftOut']} more pods or containers are not read; name fewer")
        if self._has_prefix is None and len(sources) > 1:
            self._has_prefix = True
        for line in answer["lines"]:
            if self._fits(line["text"]):
                sys.stdout.write(self._line(line, sources[line["source"]]))
        sys.stdout.flush()

    def _line(self, line: Answer, source: Answer) -> str:
        time_ = f"{line.get('time', '-')} " if self._has_times else ""
        return f"{self._prefix(source) if self._has_prefix else ''}{time_}{output.clean(line['text'])}\n"

    def _prefix(self, source: Answer) -> str:
        color = self._colors.setdefault(source["pod"], COLORS[len(self._colors) % len(COLORS)])
        text = output.clean(f"{source['pod']} {source['container']} |")
        return f"{text} " if self._is_plain else f"{typer.style(text, fg=color)} "

    def _say_about(self, source: Answer, *, is_first: bool) -> None:
        """What a reader has to know about this source beside its lines; each state once."""
        name, key = f"{source['pod']} {source['container']}", (source["pod"], source["container"])
        before, self._states[key] = self._states.get(key), source["state"]
        if source["state"] == "gone":
            if before != "gone":
                _say(f"- {name}: {source.get('reason', 'the pod no longer exists')}")
        elif source["state"] != "read" and source["state"] != before:
            _say(f"! {name}: {source.get('reason', 'the log cannot be read')}")
        elif not is_first and source["isNew"]:
            _say(f"+ {name}")
        if source["restarted"]:
            _say(f"! {name} has restarted")
        if source["hasEarlier"] and not (is_first or source["isNew"]):
            _say(f"! lines of {name} are missing here: the log grew faster than it can be read")


def _say(text: str) -> None:
    typer.secho(output.clean(text), err=True, dim=True, color=terminal.has_colors())
