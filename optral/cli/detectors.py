"""`optral detectors`: what is looked for, what is switched off or tuned where, and what would be said of objects in a file."""

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optral.cli import options, output, session
from optral.cli.options import DEFAULT_URL, Format
from optral.cli.output import Column

if TYPE_CHECKING:
    from optral.client.http import Answer

app = options.group("Detectors: what is looked for, where, and how patiently.")
COLUMNS = (
    Column("TYPE", "type", whole=True),
    Column("TIER", "tier"),
    Column("CATEGORY", "category"),
    Column("SEVERITY", "defaults.severity"),
    Column("ON", "enabled"),
    Column("SEES", "sees"),
    Column("OPEN", "openIssues"),
    Column("FAILED", "failures"),
)
DETAIL = (
    *COLUMNS,
    Column("LOOKS AT", "looksAt"),
    Column("NEEDS", "needs"),
    Column("BLIND TO", "blindTo"),
    Column("GATES", "gates"),
    Column("OPENS AFTER (S)", "defaults.openAfterSeconds"),
    Column("RESOLVES AFTER (S)", "defaults.resolveAfterSeconds"),
    Column("HERE", "effective"),
    Column("THRESHOLDS", "thresholds"),
    Column("TUNED", "tunings"),
    Column("PAGE", "page"),
)
FOUND = (
    Column("SEVERITY", "severity"),
    Column("TYPE", "type", whole=True),
    Column("SUBJECT", "subject"),
    Column("OPENS", "opensAt"),
    Column("TITLE", "title"),
)
NEAR = (Column("TYPE", "type", whole=True), Column("SHOWN BY", "shownBy"), Column("VERDICT", "verdict"), Column("WHY", "why"))
MAX_BYTES = 1024 * 1024
MAX_TEXT_BYTES = 60 * 1024  # a text of the API is no longer than 64 KiB
MEMBERS = ("enabled", "openAfterSeconds", "resolveAfterSeconds", "severity", "thresholds")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?")
_SPAN = re.compile(r"(\d{1,6})([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}

Type = Annotated[str, typer.Argument(metavar="TYPE", help="Such as OOMKilled.")]
Cluster = Annotated[str | None, typer.Option("--cluster", "-c", help="Id or name. Default: every cluster.")]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Default: every namespace.")]


@app.command("list")
def list_(
    cluster: Cluster = None,
    namespace: Namespace = None,
    tier: Annotated[str | None, typer.Option(help="core, extended or risk.")] = None,
    category: Annotated[str | None, typer.Option(help="Such as storage.")] = None,
    q: Annotated[str | None, typer.Option("--search", help="Part of the type.")] = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """List every type of issue that is looked for, and whether it counts there.

    Example: optral detectors list --tier core --cluster production
    """
    with session.client(url, api_key) as client:
        answer = client.detectors.list(cluster=cluster, namespace=namespace, tier=tier, category=category, q=q)
    output.show(answer.raw, out, columns=COLUMNS, rows="detectors")


@app.command()
def show(
    type_: Type,
    cluster: Cluster = None,
    namespace: Namespace = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Show one type: what it needs, what it sees, and what is set for it where.

    Example: optral detectors show ReadinessProbeFailed
    """
    with session.client(url, api_key) as client:
        _show(client.detectors.get(type_, cluster=cluster, namespace=namespace), out)


@app.command()
def enable(
    type_: Type,
    cluster: Cluster = None,
    namespace: Namespace = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Have a type count, everywhere or in one place.

    Example: optral detectors enable FrequentRestarts --cluster production
    """
    _change(type_, {"enabled": True}, cluster, namespace, out, url, api_key)


@app.command()
def disable(
    type_: Type,
    cluster: Cluster = None,
    namespace: Namespace = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Have a type not count, everywhere or in one place; its open issues there end as `detector_disabled`.

    Example: optral detectors disable FrequentRestarts --namespace dev
    """
    _change(type_, {"enabled": False}, cluster, namespace, out, url, api_key)


@app.command()
def tune(
    type_: Type,
    open_after: Annotated[str | None, typer.Option(help="True for so long before it counts: 90s, 10m, 2h.")] = None,
    resolve_after: Annotated[str | None, typer.Option(help="False for so long before it ends: 1m to 1d.")] = None,
    severity: Annotated[str | None, typer.Option(help="critical, high, medium or low.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A threshold of the type (see show): 5, 0.8, 30d; `default` takes it back."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Take back all that is set in that place.")] = False,
    cluster: Cluster = None,
    namespace: Namespace = None,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Let a type wait longer, call it more or less urgent, or move its thresholds, everywhere or in one place.

    Example: optral detectors tune ReadinessProbeFailed --open-after 10m --severity medium --namespace batch

    Example: optral detectors tune FrequentRestarts --set restartsPerDay=8 --set longRunSeconds=30m
    """
    change: dict[str, Any] = dict.fromkeys(MEMBERS) if reset else {}
    if open_after is not None:
        change["openAfterSeconds"] = seconds(open_after)
    if resolve_after is not None:
        change["resolveAfterSeconds"] = seconds(resolve_after)
    if severity is not None:
        change["severity"] = severity
    if set_:
        change["thresholds"] = dict(map(threshold, set_))
    if not change:
        raise typer.BadParameter("say what: --open-after, --resolve-after, --severity, --set or --reset")
    _change(type_, change, cluster, namespace, out, url, api_key, only_these=reset)


@app.command()
def risks(
    on: Annotated[bool, typer.Option("--on/--off", help="Whether risks are told.")],
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Switch risks on or off: what works today and will hurt one day. They never page.

    Example: optral detectors risks --on
    """
    with session.client(url, api_key) as client:
        output.show_all(client.detectors.switch_risks(on).raw, out)


@app.command()
def test(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON or YAML of Kubernetes objects; - for standard input.")],
    at: Annotated[str | None, typer.Option(help="Judge as it would have been at this time (RFC 3339).")] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", "-c", help="Whose tuning holds.")] = None,
    risk: Annotated[bool, typer.Option("--risk", help="Look for risks too.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Also tell why each detector that was near keeps silent.")] = False,
    out: options.Output = Format.TABLE,
    url: options.Url = DEFAULT_URL,
    api_key: options.Key = "",
) -> None:
    """Say what would be found in these objects, and why; nothing is kept. Exit code 1 when something is open.

    Example: kubectl get pod api-1 -o yaml | optral detectors test - --why
    """
    text = _read(file)
    with session.client(url, api_key) as client:
        answer = client.detectors.test(_objects(text), at=at, cluster=cluster, include_risk=risk)
    if out is Format.TABLE:
        output.table(FOUND, answer.value["findings"])
        if why:
            output.table(NEAR, [{**one, "why": _why(one)} for one in answer.value["detectors"]])
        if dropped := answer.value["secretsDropped"]:
            output.note(f"{dropped} Secrets were dropped unread")
    else:
        output.as_data(answer.raw, out)
    if any(one["verdict"] == "open" for one in answer.value["detectors"]):
        raise typer.Exit(1)


def _why(near: dict[str, Any]) -> str:
    if near.get("by"):
        return f"{near['by']} speaks for it"
    held = [f"{gate['gate']}: {gate['asks']}" for gate in near["gates"] if gate["holdsBack"]]
    return "; ".join(held) or str(near.get("opensAt", ""))


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else Path(file).read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from None
    if len(raw) > MAX_BYTES:
        raise typer.BadParameter(f"{file} is larger than 1 MiB; `optral scan --from` takes more")
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
        raise typer.BadParameter("it is neither JSON nor YAML") from None
    return json.loads(json.dumps([one for one in documents if not _is_secret(one)], default=str))


def _is_secret(document: Any) -> bool:
    return isinstance(document, dict) and document.get("kind") in ("Secret", "SecretList")


def seconds(text: str) -> int:
    """`90s`, `10m`, `2h`, `1d`, or plain seconds. Raises `typer.BadParameter`."""
    form = _SPAN.fullmatch(text.strip())
    if form is None:
        raise typer.BadParameter(f"{text!r} is no span of time; write 90s, 10m or 2h")
    return int(form[1]) * _SECONDS[form[2]]


def threshold(text: str) -> tuple[str, float | None]:
    """`name=5`, `name=0.8`, `name=30d`; None for `name=default`. Raises `typer.BadParameter`."""
    name, _, value = (part.strip() for part in text.partition("="))
    if name and value == "default":
        return name, None
    if name and _NUMBER.fullmatch(value):
        return name, float(value)
    if name and _SPAN.fullmatch(value):
        return name, seconds(value)
    raise typer.BadParameter(f"{text!r} sets no threshold; write NAME=5, NAME=0.8, NAME=30d or NAME=default")


def _change(
    type_: str,
    change: dict[str, Any],
    cluster: str | None,
    namespace: str | None,
    out: Format,
    url: str,
    api_key: str,
    *,
    only_these: bool = False,
) -> None:
    """With `only_these`, thresholds that the change does not name are taken back: the API leaves those alone that it is not told of."""
    place = {name: value for name, value in (("cluster", cluster), ("namespace", namespace)) if value}
    with session.client(url, api_key) as client:
        if only_these and change.get("thresholds"):
            change = change | {"thresholds": dict.fromkeys(_named(client.detectors.get(type_, **place).value)) | change["thresholds"]}
        _show(client.detectors.update(type_, {**place, **change}), out)


def _named(shown: dict[str, Any]) -> list[str]:
    """The thresholds that a type has, and those that were set before it lost them."""
    return [one["name"] for one in shown["thresholds"]] + [name for one in shown["tunings"] for name in one.get("thresholds") or ()]


def _show(answer: "Answer[dict[str, Any]]", out: Format) -> None:
    if out is Format.TABLE:
        output.fields({**answer.value, "thresholds": [_limit(one) for one in answer.value["thresholds"]]}, DETAIL)
    else:
        output.as_data(answer.raw, out)


def _limit(one: dict[str, Any]) -> str:
    """A threshold for people: `restartsPerDay=8 (default 5; 3 to 1000 restarts)`."""
    numbers = {name: f"{one[name]:.10g}" for name in ("value", "default", "min", "max")}
    return f"{one['name']}={numbers['value']} (default {numbers['default']}; {numbers['min']} to {numbers['max']} {one['unit']})"
