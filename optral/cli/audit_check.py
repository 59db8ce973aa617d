"""Checks an exported audit log (`optral audit export --format chain`) without a server and without any other package than Python itself.

    optral audit verifier > audit_check.py
    python3 audit_check.py audit.chain --heads heads.txt

Each record's hash is SHA-256 of the hash before it and of the record as JSON with sorted names, without blanks, in ASCII. `heads` are
ends of the chain that were kept elsewhere, one in a line, as NUMBER:HASH after anything else; the log has to contain each of them.
Exit code 0: intact; 1: changed, incomplete, or not the log of the heads; 2: nothing to check. Works with Python 3.8 and newer.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

HASHED = ("org_id", "seq", "id", "actor_kind", "actor_id", "address", "request_id", "action", "target", "outcome", "detail", "at")
REWRITTEN = "it, or records before it, were rewritten"
HEAD = re.compile(r"(?:^|\s)([0-9]{1,15}):([0-9a-f]{64})\s*$")


def read_heads(lines: Iterable[str], org: str = "") -> dict[int, set[str]]:
    """The heads in these lines, as {number: hashes}. A line that names another organization (org_…) is not compared."""
    found: dict[int, set[str]] = {}
    for line in lines:
        if (match := HEAD.search(line)) is not None and not (org and "org_" in line and org not in line):
            found.setdefault(int(match[1]), set()).add(match[2])
    return found


def is_chain(first: str) -> bool:
    """Whether this is the first line of an export of the chain."""
    try:
        start = json.loads(first)
    except ValueError:
        return False
    return isinstance(start, dict) and start.get("optralAuditChain") == 1


def hash_of(record: dict[str, Any], previous: bytes) -> str:
    text = json.dumps({name: record[name] for name in HASHED}, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(previous + text.encode("ascii")).hexdigest()


def check(lines: Iterator[str], heads: Callable[[str], dict[int, set[str]]]) -> tuple[str | None, int, str]:
    """What is wrong first, or None; and the number of records and the last hash. One record at a time is in memory.

    `heads` is called with the id of the organization, and returns what `read_heads` does.
    """
    start = json.loads(next(lines))
    seq, previous, end = start["base"]["seq"], start["base"]["hash"], start["head"]
    org, count, kept = start["org"], 0, heads(start["org"])
    if kept.get(seq, {previous}) != {previous}:
        return f"the export begins after record {seq}, which does not have the hash of the head that was kept: {REWRITTEN}", count, previous
    for line in lines:
        record = json.loads(line)
        if "optralAuditChain" in record:  # the next part of a long log
            end = record["head"]
            continue
        where = "record {} ({} of {})".format(record["seq"], record["action"], record["id"])
        if record["org_id"] != org:
            return where + " belongs to another organization", count, previous
        if record["seq"] != seq + 1:
            return "{} follows record {}: {} removed or out of order".format(where, seq, _missing(seq + 1, record["seq"])), count, previous
        if hash_of(record, bytes.fromhex(previous)) != record["hash"]:
            return where + " is not as it was written, or does not follow the record before it", count, previous
        seq, previous, count = record["seq"], record["hash"], count + 1
        if seq in kept and kept[seq] != {previous}:
            return where + " does not have the hash of the head that was kept: " + REWRITTEN, count, previous
    if (seq, previous) != (end["seq"], end["hash"]):
        return "the last record is {}, but the export says that it is {}: records were removed".format(seq, end["seq"]), count, previous
    if later := sorted(number for number in kept if number > seq):
        return f"a head of record {later[-1]} was kept, but the last record is {seq}: later records were removed", count, previous
    return None, count, previous


def compared(first: str, heads: Callable[[str], dict[int, set[str]]]) -> str:
    """How many heads an intact log with this first line was compared with: those of records before it cannot be."""
    start = json.loads(first)
    kept = heads(start["org"])
    old = sum(number < start["base"]["seq"] for number in kept)
    texts = ["{} {}head{}".format(number, kind, "" if number == 1 else "s") for number, kind in ((len(kept) - old, ""), (old, "older "))]
    return ", compared with " + " and not with the ".join(texts[: 2 if old else 1])


def _missing(first: int, last: int) -> str:
    return f"record {first} is" if last - first == 1 else "records are"


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 3) or (len(arguments) == 3 and arguments[1] != "--heads"):
        print("usage: audit_check.py FILE [--heads FILE]", file=sys.stderr)
        return 2
    heads = ""
    try:
        kept = Path(arguments[2]).read_text(encoding="utf-8").splitlines() if len(arguments) == 3 else []
        with Path(arguments[0]).open(encoding="utf-8", errors="replace") as file:
            if not is_chain(file.readline()):
                print(
                    f"{arguments[0]} is not an export of the audit chain; create one with `optral audit export --format chain`",
                    file=sys.stderr,
                )
                return 2
            file.seek(0)
            fault, count, last = check(iter(file), lambda org: read_heads(kept, org))
            file.seek(0)
            heads = compared(next(file), lambda org: read_heads(kept, org)) if kept and fault is None else ""
    except OSError as error:
        print(f"cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except (ValueError, KeyError, TypeError) as error:
        fault, count, last = f"the file is damaged: {error!r}", 0, ""
    if fault is not None:
        print(f"the audit log was tampered with or damaged: {fault}; {count} before it are as they were written")
        return 1
    print(f"the audit log is intact: {count} records{heads}; last hash {last}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
