"""Logs of containers: redacted, and told apart from what the kubelet and the container runtime answer in place of one.

Redaction goes line by line, and over the joints, because a program may break a secret where its line is full.

A key in PEM form is masked from its first line to its last, also when the log begins in its middle: several lines of pure base64 in a
row are redacted whole. A token split by a line's end shows when the two halves are read as one.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from optral.kube.redact import Redactor, process_redactor, scan

JOINT = 200  # characters on either side of a line's end that are read as one
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY-----")
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_LAST_WORD = re.compile(r"[^\s\"'=,;:]+$")
_FIRST_WORD = re.compile(r"^[^\s\"',;]+")
_MARKER_AT_END = re.compile(r"\[redacted:([a-z0-9.-]{1,40}):[0-9a-f]{8}\][\"']?$")
_SAID = frozenset(
    {"assigned", "flag", "password", "header", "named", "userinfo", "basic", "bearer"}
)  # known by the word before, not by their form
PEM_LINES = 200
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?: |$)")
# Errors of the kubelet and of container runtimes. They come with status 200: the kubelet has begun its answer when the runtime fails.
# Sources: kubelet (`kubelet_pods.go`, `kuberuntime_container.go`), `k8s.io/cri-client/pkg/logs`, containerd, CRI-O and Docker.
_REFUSALS = re.compile(
    r"unable to retrieve container logs for (?:container )?[a-z][a-z0-9.-]*://[0-9a-f]*"
    r"|failed to try resolving symlinks in path \".+"
    r"|failed to (?:open|read|tail \d+ lines of|seek \d+ in|reset seek in) log file \".+"
    r"|failed to (?:watch|create) (?:directory \"|file \"|fsnotify watcher:).+"
    r"|(?:failed with .+ to unmarshal|unsupported) log(?: format:)? \".+"
    r"|failed to get parse function: .+"
    r"|previous terminated container \"[^\"]*\" in pod \"[^\"]*\" not found"
    r"|container \"[^\"]*\" in pod \"[^\"]*\" is (?:not available|terminated|waiting to start(?:: | - no logs yet).*)"
    r"|(?:Error: |Error response from daemon: |error: )?No such container: \S+"
    r"|Error response from daemon: (?:can not get logs from container which is dead|configured logging driver does not support reading).*"
    r"|(?:failed to get container status \"[0-9a-f]+\": )?rpc error: code = \w+ desc = (?:an error occurred when try to find container"
    r"|could not find container|failed to (?:find|get) container|container with ID starting with|Error: No such container).*"
    r"|Get \"?https?://[^ \"]+/containerLogs/[^ \"]+\"?: .+"
)


def stamped(line: str) -> tuple[str, str]:
    """The time that the kubelet puts before a line (`timestamps=true`), "" if it has none, and the line.

    Times are in UTC with nine digits after the point, so that they can be compared as text.
    """
    found = _STAMP.match(line)
    if found is None:
        return "", line
    seconds, fraction, zone = found.groups()
    text = line[found.end() :]
    try:
        at = datetime.fromisoformat(seconds + zone)
        seconds = seconds if zone == "Z" else at.astimezone(UTC).isoformat()[:19]
    except (ValueError, OverflowError):
        return "", text
    return f"{seconds}.{(fraction or '').ljust(9, '0')}Z", text


def redact(redactor: Redactor, raw: bytes) -> str:
    """The log as text that may leave the cluster: valid, printable, colors gone, secrets masked. Lines stay lines."""
    lines = redact_lines(redactor, raw.decode("utf-8", "replace").splitlines())
    return "\n".join(lines) + ("\n" if lines else "")


def redact_again(text: str) -> str:
    """A text that an agent has redacted, on the server: as `redact` if anything in it, or over the joints, still looks like a secret.

    Markers made here use a salt of this process.
    """
    lines = text.split("\n")
    if not any(scan(joined.encode("utf-8", "replace")) for joined in (text, "".join(line.strip() for line in lines))):
        return text
    return "\n".join(redact_lines(process_redactor(), lines))


def redact_lines(redactor: Redactor, texts: Iterable[str]) -> list[str]:
    """As `redact`, for lines in the order in which the container wrote them; one for each."""
    lines = [_CONTROL.sub("\ufffd", _ANSI.sub("", text)) for text in texts]
    _mask_keys(redactor, lines)
    _mask_blocks(redactor, lines)
    _mask_joints(redactor, lines)
    return [_line(redactor, line) for line in lines]


def _line(redactor: Redactor, line: str) -> str:
    text = redactor.text(line)
    # Secrets without anything between them may show one only when the other is gone: then the whole line is redacted.
    return text if not scan(text.encode("utf-8", "replace")) else redactor.mask("line", line)


def _mask_keys(redactor: Redactor, lines: list[str]) -> None:
    inside = 0
    for number, line in enumerate(lines):
        if not inside and (found := _PEM_BEGIN.search(line)) is not None:
            inside = 0 if _PEM_END.search(line) else PEM_LINES
            lines[number] = line[: found.start()] + redactor.mask("pem", line[found.start() :])
        elif inside:
            end = _PEM_END.search(line)
            lines[number] = redactor.mask("pem", line) + (line[end.end() :] if end else "")
            inside = 0 if end else inside - 1


def _mask_blocks(redactor: Redactor, lines: list[str]) -> None:
    """Two or more lines in a row that are base64 and nothing else."""
    are_base64 = [_BASE64_LINE.fullmatch(line.strip()) is not None for line in lines]
    for number, line in enumerate(lines):
        if are_base64[number] and (are_base64[max(0, number - 1)] if number else False or any(are_base64[number + 1 : number + 2])):
            lines[number] = redactor.mask("base64", line)


def _mask_joints(redactor: Redactor, lines: list[str]) -> None:
    """Mask both halves where two lines read as one show what neither shows alone. Before the lines are read one by one."""
    for number in range(len(lines) - 1):
        left, right = lines[number].rstrip(), lines[number + 1].lstrip()
        last, first = _LAST_WORD.search(left[-JOINT:]), _FIRST_WORD.search(right[:JOINT])
        if last is None or first is None or not _is_split(redactor, left[-JOINT:], right[:JOINT]):
            continue
        if (kind := _masked_alone(redactor, left[-JOINT:])) is not None:
            if kind in _SAID and not _is_opaque(first.group()):
                continue  # `password=…` at a line's end, and then an ordinary word
        else:
            lines[number] = left[: len(left) - len(last.group())] + redactor.mask("split", last.group())
        lines[number + 1] = redactor.mask("split", first.group()) + right[len(first.group()) :]


def _is_split(redactor: Redactor, left: str, right: str) -> bool:
    joined = left + right
    return scan(joined.encode("utf-8", "replace")) and left[-4:] + right[:4] not in redactor.text(joined)


def _masked_alone(redactor: Redactor, left: str) -> str | None:
    """The kind of the marker that the left half ends in when it is read alone; None when its end is shown."""
    found = _MARKER_AT_END.search(redactor.text(left))
    return found.group(1) if found is not None else None


def _is_opaque(word: str) -> bool:
    return len(word) >= 16 or (len(word) >= 6 and any(char.isdigit() for char in word))


def is_refusal(line: str) -> bool:
    """Whether a line is an error of the kubelet or of the container runtime, and no line of a container."""
    return _REFUSALS.fullmatch(line.strip()) is not None


def without_refusal(text: str) -> tuple[str, str | None]:
    """(the log without the refusal at its end, the refusal); None when there is none. The kubelet writes it where its reading failed."""
    head, newline, last = text.rstrip().rpartition("\n")
    if not is_refusal(last):
        return text, None
    return (head + newline if head.strip() else ""), last.strip()
