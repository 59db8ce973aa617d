"""`optral detectors`: list, enable, disable and tune detectors, and run them on objects from a file."""

import json
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli.base import options, output, spans
from optral.cli.base.command import Client
from optral.cli.base.options import Format
from optral.cli.base.output import Column
from optral.kit import durations
from optral.kit.words import counted

if TYPE_CHECKING:
    from optral.client.http import Answer

app = options.group("List, tune and test detectors.")
COLUMNS = (
    Column("TYPE", "type", whole=True),
    Column("TIER", "tier"),
    Column("CATEGORY", "category"),
    Column("SEVERITY", "defaults.severity"),
    Column("ENABLED", "enabled"),
    Column("HAS DATA", "sees"),
    Column("OPEN", "openIssues"),
    Column("FAILED", "failures"),
)
DETAIL = (
    *COLUMNS,
    Column("EXAMINES", "looksAt"),
    Column("NEEDS", "needs"),
    Column("MISSING DATA", "blindTo"),
    Column("GATES", "gates"),
    Column("OPENS AFTER (S)", "defaults.openAfterSeconds"),
    Column("RESOLVES AFTER (S)", "defaults.resolveAfterSeconds"),
    Column("IN EFFECT", "effective"),
    Column("THRESHOLDS", "thresholds"),
    Column("SETTINGS", "tunings"),
    Column("PAGE", "page"),
)
FOUND = (
    Column("SEVERITY", "severity"),
    Column("TYPE", "type", whole=True),
    Column("SUBJECT", "subject"),
    Column("OPENS", "opensAt"),
    Column("TITLE", "title", wraps=True),
)
NEAR = (Column("TYPE", "type", whole=True), Column("SHOWN BY", "shownBy"), Column("VERDICT", "verdict"), Column("WHY", "why"))
SHIFTS = (
    Column("CLUSTER", "cluster"),
    Column("NAMESPACE", "namespace"),
    Column("STEPS", "severityShift"),
    Column("SET BY", "updatedBy"),
    Column("SET AT", "updatedAt"),
)
MAX_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 60 * 1024  # a text of the API is no longer than 64 KiB
MEMBERS = ("enabled", "openAfterSeconds", "resolveAfterSeconds", "severity", "thresholds")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?")

Type = Annotated[str, typer.Argument(metavar="TYPE", help="Issue type, such as OOMKilled.")]
Cluster = Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name; defaults to all clusters.")]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Namespace; defaults to all namespaces.")]


@app.command("list")
def list_(
    client: Client,
    cluster: Cluster = None,
    namespace: Namespace = None,
    tier: Annotated[str | None, typer.Option(help="Tier: core, extended or risk.")] = None,
    category: Annotated[str | None, typer.Option(help="Category, such as storage.")] = None,
    q: Annotated[str | None, typer.Option("--search", help="Part of the type.")] = None,
    out: options.Output = Format.TABLE,
) -> None:
    """List detectors and whether they are enabled.

    Example: optral detectors list --tier core --cluster production
    """
    answer = client.detectors.list(cluster=cluster, namespace=namespace, tier=tier, category=category, q=q)
    output.show(answer.raw, out, columns=COLUMNS, rows="detectors")


@app.command()
def show(type_: Type, client: Client, cluster: Cluster = None, namespace: Namespace = None, out: options.Output = Format.TABLE) -> None:
    """Show a detector: the data that it needs, whether it has that data, and its settings.

    Example: optral detectors show ReadinessProbeFailed
    """
    _show(client.detectors.get(type_, cluster=cluster, namespace=namespace), out)


@app.command()
def enable(type_: Type, client: Client, cluster: Cluster = None, namespace: Namespace = None, out: options.Output = Format.TABLE) -> None:
    """Enable a detector, everywhere or in a cluster or namespace.

    Example: optral detectors enable FrequentRestarts --cluster production
    """
    _change(type_, {"enabled": True}, cluster, namespace, out, client)


@app.command()
def disable(type_: Type, client: Client, cluster: Cluster = None, namespace: Namespace = None, out: options.Output = Format.TABLE) -> None:
    """Disable a detector, everywhere or in a cluster or namespace. Its open issues there are resolved as `detector_disabled`.

    Example: optral detectors disable FrequentRestarts --namespace dev
    """
    _change(type_, {"enabled": False}, cluster, namespace, out, client)


@app.command()
def tune(
    type_: Type,
    client: Client,
    open_after: Annotated[str | None, typer.Option(help="Open an issue after the condition has held this long: 90s, 10m, 2h.")] = None,
    resolve_after: Annotated[
        str | None, typer.Option(help="Resolve the issue after the condition has been absent this long: 1m to 1d.")
    ] = None,
    severity: Annotated[str | None, typer.Option(help="Severity of the issues: critical, high, medium or low.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Threshold of the detector (see `show`), such as 5, 0.8 or 30d; `default` resets it."
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Reset all settings in this scope.")] = False,
    cluster: Cluster = None,
    namespace: Namespace = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Change the delays, severity or thresholds of a detector, everywhere or in a cluster or namespace.

    Example: optral detectors tune ReadinessProbeFailed --open-after 10m --severity medium --namespace batch

    Example: optral detectors tune FrequentRestarts --set restartsPerDay=8 --set longRunSeconds=30m
    """
    change: dict[str, Any] = dict.fromkeys(MEMBERS) if reset else {}
    if open_after is not None:
        change["openAfterSeconds"] = spans.seconds(open_after, is_plain=True)
    if resolve_after is not None:
        change["resolveAfterSeconds"] = spans.seconds(resolve_after, is_plain=True)
    if severity is not None:
        change["severity"] = severity
    if set_:
        change["thresholds"] = dict(map(threshold, set_))
    if not change:
        raise typer.BadParameter("nothing to change; use --open-after, --resolve-after, --severity, --set or --reset")
    _change(type_, change, cluster, namespace, out, client, only_these=reset)


class Step(StrEnum):
    UP = "up"
    DOWN = "down"
    NONE = "none"
    RESET = "reset"


_STEPS = {Step.UP: 1, Step.DOWN: -1, Step.NONE: 0, Step.RESET: None}


@app.command()
def shift(
    step: Annotated[Step, typer.Argument(help="One step up or down, none (as computed), or reset (inherit from the next wider scope).")],
    client: Client,
    cluster: Cluster = None,
    namespace: Namespace = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Shift the severity of all issues by one step, everywhere or in a cluster or namespace.

    A severity that is set for a type or for an issue takes precedence.

    Example: optral detectors shift down --cluster lab

    Example: optral detectors shift up --namespace payments
    """
    answer = client.detectors.shift_severity(_STEPS[step], cluster=cluster, namespace=namespace)
    if out is Format.TABLE and not answer.value["severityShifts"]:
        output.note("severities are not shifted")
    else:
        output.show(answer.raw, out, columns=SHIFTS, rows="severityShifts")


@app.command()
def risks(
    on: Annotated[bool, typer.Option("--on/--off", help="Enable or disable risk checks.")],
    client: Client,
    out: options.Output = Format.TABLE,
) -> None:
    """Enable or disable risk checks: what works today and can fail later. They send no notifications.

    Example: optral detectors risks --on
    """
    output.show_all(client.detectors.switch_risks(on).raw, out)


@app.command()
def test(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Kubernetes objects as JSON or YAML; - for standard input.")],
    client: Client,
    at: Annotated[str | None, typer.Option(help="Evaluate as of this time (RFC 3339).")] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster whose settings apply.")] = None,
    risk: Annotated[bool, typer.Option("--risk", help="Include risk checks.")] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Also show detectors that considered an object and did not report, with the reason.")
    ] = False,
    out: options.Output = Format.TABLE,
) -> None:
    """Run the detectors on objects from a file. Nothing is stored. Exit code 1 if an issue would open.

    Example: kubectl get pod api-1 -o yaml | optral detectors test - --why
    """
    text = _read(file)
    answer = client.detectors.test(_objects(text), at=at, cluster=cluster, include_risk=risk)
    if out is Format.TABLE:
        output.table(FOUND, answer.value["findings"])
        if why:
            output.table(NEAR, [{**detector, "why": _why(detector)} for detector in answer.value["detectors"]])
        if dropped := answer.value["secretsDropped"]:
            output.note(f"{counted(dropped, 'Secret')} dropped without being read")
    else:
        output.as_data(answer.raw, out)
    if any(detector["verdict"] == "open" for detector in answer.value["detectors"]):
        raise typer.Exit(1)


def _why(near: dict[str, Any]) -> str:
    if near.get("by"):
        return f"{near['by']} takes precedence"
    held = [f"{gate['gate']}: {gate['asks']}" for gate in near["gates"] if gate["holdsBack"]]
    return "; ".join(held) or str(near.get("opensAt", ""))


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else Path(file).read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"cannot read {file}: {error}") from None
    if len(raw) > MAX_BYTES:
        raise typer.BadParameter(f"{file} is larger than 1 MiB; `optral scan --from` has no such limit")
    return text


def _objects(text: str) -> Any:
    """The text as it is, or, when it is too long for one, the objects in it. Secrets of a long text do not even leave this machine."""
    if len(text.encode()) <= MAX_TEXT_BYTES:
        return text
    import yaml

    from optral.kit import yamls

    try:
        documents = list(yaml.load_all(text, Loader=yamls.LOADER))
    except yaml.YAMLError:
        raise typer.BadParameter("the input is neither JSON nor YAML") from None
    return json.loads(json.dumps([document for document in documents if not _is_secret(document)], default=str))


def _is_secret(document: Any) -> bool:
    return isinstance(document, dict) and document.get("kind") in ("Secret", "SecretList")


def threshold(text: str) -> tuple[str, float | None]:
    """`name=5`, `name=0.8`, `name=30d`; None for `name=default`. Raises `typer.BadParameter`."""
    name, _, value = (part.strip() for part in text.partition("="))
    if name and value == "default":
        return name, None
    if name and _NUMBER.fullmatch(value):
        return name, float(value)
    if name and (span := durations.seconds(value)) is not None:
        return name, span
    raise typer.BadParameter(f"{text!r} is not a threshold; use NAME=5, NAME=0.8, NAME=30d or NAME=default")


def _change(
    type_: str, change: dict[str, Any], cluster: str | None, namespace: str | None, out: Format, client: Client, *, only_these: bool = False
) -> None:
    """With `only_these`, thresholds that the change does not name are taken back: the API leaves those alone that it is not told of."""
    place = {name: value for name, value in (("cluster", cluster), ("namespace", namespace)) if value}
    if only_these and change.get("thresholds"):
        change = change | {"thresholds": dict.fromkeys(_named(client.detectors.get(type_, **place).value)) | change["thresholds"]}
    _show(client.detectors.update(type_, {**place, **change}), out)


def _named(shown: dict[str, Any]) -> list[str]:
    """The thresholds that a type has, and those that were set before it lost them."""
    return [one["name"] for one in shown["thresholds"]] + [name for tuning in shown["tunings"] for name in tuning.get("thresholds") or ()]


def _show(answer: "Answer[dict[str, Any]]", out: Format) -> None:
    if out is Format.TABLE:
        output.fields({**answer.value, "thresholds": [_limit(one) for one in answer.value["thresholds"]]}, DETAIL)
    else:
        output.as_data(answer.raw, out)


def _limit(one: dict[str, Any]) -> str:
    """A threshold for people: `restartsPerDay=8 (default 5; 3 to 1000 restarts)`."""
    numbers = {name: f"{one[name]:.10g}" for name in ("value", "default", "min", "max")}
    return f"{one['name']}={numbers['value']} (default {numbers['default']}; {numbers['min']} to {numbers['max']} {one['unit']})"
