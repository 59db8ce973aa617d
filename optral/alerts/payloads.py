"""Reads what senders post: the webhook payload of Alertmanager (version 4), and other JSON by a field mapping.

Each alert is read by itself: one that is not an alert is rejected with a reason, and the others count. Nothing is guessed: an alert
without a name or with a time that is none is rejected. Source: Alertmanager, "Configuration", `<webhook_config>`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from optral.alerts.model import MAX_ALERTS, AlertStatus, FieldMapping, Incoming, Kind, ReceiverSettings

VERSION = "4"
ISSUE_LABEL = "optral_issue"
"""A label of the alerts that Optral sends about its issues."""
MAX_LABELS = 64
MAX_NAME = 256
MAX_VALUE = 1024
MAX_TEXT = 2000  # of an annotation, an expression, or an address; longer ones are cut
MAX_EXCERPT = 500
AHEAD = timedelta(minutes=10)  # how far the clock of a sender may be ahead
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # Go writes a time that is not set as the year 1
EXPRESSIONS = ("expression", "expr", "query", "promql")
_decode = msgspec.json.Decoder()


class Problem(NamedTuple):
    """Why something was not read."""

    code: str
    reason: str
    excerpt: str


class Read(NamedTuple):
    alerts: list[Incoming]
    problems: list[Problem]


class _Unreadable(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def read(body: bytes, settings: ReceiverSettings, *, now: datetime) -> Read:
    """The alerts of a body, and what of it could not be read. Never raises."""
    try:
        entries = list(_entries(body, settings))
    except _Unreadable as why:
        return Read([], [Problem(why.code, why.reason, excerpt(body))])
    alerts: list[Incoming] = []
    problems: list[Problem] = []
    for entry in entries[:MAX_ALERTS]:
        try:
            alerts.append(_generic(entry, settings.mapping, now) if settings.mapping is not None else _alertmanager(entry, now))
        except _Unreadable as why:
            problems.append(Problem(why.code, why.reason, excerpt(msgspec.json.encode(entry))))
    if (left := len(entries) - MAX_ALERTS) > 0:
        problems.append(Problem("too_many_alerts", f"the request had {left} alerts more than {MAX_ALERTS}; set max_alerts", ""))
    problems += _truncated(body, settings)
    return Read(alerts, problems)


def excerpt(body: bytes) -> str:
    """The beginning of a body as text that can be shown."""
    text = body[: 2 * MAX_EXCERPT].decode("utf-8", "replace")
    return "".join(one if one.isprintable() else " " for one in text)[:MAX_EXCERPT]


def _entries(body: bytes, settings: ReceiverSettings) -> Iterable[Any]:
    try:
        whole = _decode.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _Unreadable("invalid_json", "the body is not JSON") from None
    if settings.kind is Kind.ALERTMANAGER:
        version = whole.get("version") if isinstance(whole, dict) else None
        if version != VERSION:
            raise _Unreadable("unsupported_version", f'the body is no Alertmanager payload of version "{VERSION}"')
        entries = whole.get("alerts")
    else:
        assert settings.mapping is not None
        entries = [whole] if settings.mapping.alerts == "" else _at(whole, settings.mapping.alerts)
    if not isinstance(entries, list):
        raise _Unreadable("no_alerts", "the body has no list of alerts where the receiver expects it")
    return entries


def _truncated(body: bytes, settings: ReceiverSettings) -> list[Problem]:
    whole = _decode.decode(body)
    left = whole.get("truncatedAlerts") if settings.kind is Kind.ALERTMANAGER else None
    if isinstance(left, int) and left > 0:
        return [Problem("truncated", f"Alertmanager left out {left} alerts; raise max_alerts of its webhook configuration", "")]
    return []


def _alertmanager(entry: Any, now: datetime) -> Incoming:
    if not isinstance(entry, dict):
        raise _Unreadable("invalid_alert", "an alert must be a JSON object")
    labels = _labels(entry.get("labels"))
    if ISSUE_LABEL in labels:
        raise _Unreadable("own_issue", "Optral sent this alert about an issue of its own; route it to other receivers only")
    annotations = _texts(entry.get("annotations"))
    url = _text(entry.get("generatorURL"))
    status = entry.get("status")
    if status not in ("firing", "resolved"):
        raise _Unreadable("invalid_status", "status must be firing or resolved")
    return Incoming(
        fingerprint=_text(entry.get("fingerprint"))[:64] or fingerprint_of(labels),
        name=_name(labels.get("alertname")),
        status=AlertStatus(status),
        starts_at=_moment(entry.get("startsAt"), "startsAt", now),
        ends_at=_end(entry.get("endsAt")) if status == "resolved" else None,
        labels=labels,
        annotations=annotations,
        expression=_expression(url, annotations),
        source_url=_link(url),
    )


def _generic(entry: Any, mapping: FieldMapping, now: datetime) -> Incoming:
    if not isinstance(entry, dict):
        raise _Unreadable("invalid_alert", "an alert must be a JSON object")
    given = _at(entry, mapping.labels)
    labels = _labels(given) if isinstance(given, dict) else {}
    for label, pointer in mapping.more_labels.items():
        if (value := _scalar(_at(entry, pointer))) is not None:
            labels[label] = value[:MAX_VALUE]
    name = _name(_scalar(_at(entry, mapping.name)) or labels.get("alertname"))
    labels.setdefault("alertname", name)
    status = _scalar(_at(entry, mapping.status))
    is_resolved = status is not None and status.lower() in {one.lower() for one in mapping.resolved}
    url = _text(_at(entry, mapping.url))
    given_start = _at(entry, mapping.starts_at)
    if given_start is None:
        raise _Unreadable("invalid_time", f"the alert has no time at {mapping.starts_at}")
    return Incoming(
        fingerprint=_key(_scalar(_at(entry, mapping.fingerprint))) or fingerprint_of(labels),
        name=name,
        status=AlertStatus.RESOLVED if is_resolved else AlertStatus.FIRING,
        starts_at=_moment(given_start, mapping.starts_at, now),
        ends_at=_end(_at(entry, mapping.ends_at)) if is_resolved else None,
        labels=labels,
        expression=_text(_at(entry, mapping.expression)) or None,
        source_url=_link(url),
    )


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """What tells alerts of one receiver apart whose sender gives no fingerprint: their labels."""
    text = "\x00".join(f"{name}\x01{labels[name]}" for name in sorted(labels))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _key(text: str | None) -> str:
    """An id of a sender as a fingerprint of at most 64 characters."""
    if not text:
        return ""
    return text if len(text) <= 64 else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _at(value: Any, pointer: str) -> Any:
    """The value at a JSON pointer; None where there is none."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _labels(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not given:
        raise _Unreadable("invalid_labels", "labels must be a JSON object of texts")
    if len(given) > MAX_LABELS:
        raise _Unreadable("too_many_labels", f"the alert has {len(given)} labels; at most {MAX_LABELS} are read")
    found: dict[str, str] = {}
    for name, value in given.items():
        text = _scalar(value)
        if text is None or "\x00" in name or len(name) > MAX_NAME or len(text) > MAX_VALUE:
            raise _Unreadable("invalid_labels", f"the label {name[:64]!r} is not a text of at most {MAX_VALUE} characters")
        found[name] = text
    return found


def _texts(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    return {_text(name)[:MAX_NAME]: text for name, value in list(given.items())[:MAX_LABELS] if (text := _text(value))}


def _name(given: str | None) -> str:
    if not given:
        raise _Unreadable("no_name", "the alert has no name")
    return given[:200]


def _scalar(value: Any) -> str | None:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def _text(value: Any) -> str:
    return value.replace("\x00", "")[:MAX_TEXT] if isinstance(value, str) else ""


def _link(url: str) -> str | None:
    """An address that a page may link to."""
    return url if url.startswith(("http://", "https://")) else None


def _moment(given: Any, name: str, now: datetime) -> datetime:
    moment = _time(given)
    if moment is None or not EARLIEST <= moment <= now + AHEAD:
        raise _Unreadable("invalid_time", f"{name} must be a time in RFC 3339 that is not in the future")
    return moment


def _end(given: Any) -> datetime | None:
    moment = _time(given)
    return moment if moment is not None and moment >= EARLIEST else None


def _time(given: Any) -> datetime | None:
    """A time in RFC 3339, or in seconds or milliseconds since 1970."""
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given / 1000 if given > 1e11 else given, UTC)
        if isinstance(given, str):
            moment = datetime.fromisoformat(given)
            return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _expression(url: str, annotations: Mapping[str, str]) -> str | None:
    """The expression of the rule: in the address that Prometheus gives, or in an annotation."""
    try:
        query = parse_qs(urlsplit(url).query, max_num_fields=20)
    except ValueError:
        query = {}
    for name in ("g0.expr", "expr"):
        if query.get(name):
            return query[name][0][:MAX_TEXT]
    return next((annotations[name] for name in EXPRESSIONS if annotations.get(name)), None)
