"""What a log line names: the host, port, user, database, file … of the sign that it shows.

A slot is read from the text as it was written, numbers and all, by the first of its phrases that matches. Values are short and have no
spaces or quotes in them. They come from an application, so from anybody: rules quote them, and never act on them.
"""

import re
from functools import lru_cache

MAX_TEXT = 4000  # characters of a record in which slots are looked for
MAX_VALUE = 120
_NAME = r"[\w.$@/-]{1,120}"
_PATH = r"(?:\.{0,2}/)?[\w.@+-]{1,120}(?:/[\w.@+-]{1,120}){0,20}"
_ROOTED = r"\.{0,2}/[\w.@+-]{1,120}(?:/[\w.@+-]{1,120}){0,20}"
_Q = "[\"'`]"
SLOTS: dict[str, str] = {
    "host": "the host that is called",
    "port": "the port",
    "service": "the name of the service in a registry",
    "user": "the user or role",
    "database": "the database",
    "table": "the table",
    "column": "the column",
    "file": "the file or directory",
    "line": "the line of the file",
    "key": "the setting, directive or argument",
    "library": "the library or module",
    "program": "the program, script or class",
    "limit": "the limit that is reached",
    "topic": "the topic",
    "queue": "the queue or exchange",
    "index": "the index",
    "plugin": "the authentication plug-in",
    "version": "the version of the migration",
    "expiry": "when the certificate expired",
    "verb": "the verb that is denied",
    "resource": "the resource that is denied",
    "kind": "the kind that the cluster does not have",
}
"""Every slot that a sign may have, and what it is."""
_PHRASES: dict[str, tuple[str, ...]] = {
    "port": (
        r'upstream: "[a-z]{2,10}://[^/"]{1,200}?:(\d{1,5})',
        r"->[\d.:\[\]a-f]{0,60}:(\d{1,5})\b",
        r"\btarget\.addr=\S{1,60}:(\d{1,5})\b",
        rf"\bport[ =:]{{1,3}}{_Q}?(\d{{1,5}})\b",
        r"(?<![\d.])(?<!from=)(?:\d{1,3}\.){3}\d{1,3}:(\d{1,5})\b",
        r"\]:(\d{1,5})\b",
        r"\('[\d.:]{1,40}', (\d{1,5})\)",
        r"://[^\s/:\"'@]{1,200}(?:@[^\s/:\"'@]{1,200})?:(\d{1,5})\b",
        r"(?<![\w:\"]):{1,3}(\d{2,5})\b",
        r"[a-z_][\w.-]{0,100}:(\d{2,5}) refused",
    ),
    "service": (rf"for client: ({_NAME})", rf"instance for the service ({_NAME})", rf"available for the service ({_NAME})"),
    "user": (
        rf"\b(?:for |database )?(?:user|role)(?:[ =:]{{1,2}}){_Q}({_NAME}){_Q}",
        rf"access denied for user {_Q}({_NAME}){_Q}",
        r"(?:^|[\s`(,])user=([\w.-]{1,80})",
        rf'"principalName":"({_NAME})"',
    ),
    "database": (
        rf"\bdatabase[ =:]{{1,2}}{_Q}({_NAME}){_Q}",
        rf"open (?:the explicitly specified )?database {_Q}({_NAME}){_Q}",
        r"(?:^|[\s`(,;'])(?:database|dbname|db)=([\w.-]{1,80})",
        rf'"authenticationDatabase":"({_NAME})"',
        rf"\bfor db {_Q}({_NAME}){_Q}",
    ),
    "table": (
        rf"\brelation \\?{_Q}({_NAME}?)\\?{_Q}",
        rf"\btable (?!or view){_Q}?({_NAME}?){_Q}?(?:$|\s)",
        r"no such table: ([\w.]{1,120})",
    ),
    "column": (rf"\bcolumn {_Q}?({_NAME}?){_Q}? does not", rf"unknown column {_Q}({_NAME}){_Q}"),
    "library": (
        r"shared libraries: ([\w.+-]{1,120}?):",
        r"([\w.+-]{1,120}\.so[\w.]{0,20}): cannot open",
        rf"cannot import name {_Q}\w{{1,80}}{_Q} from {_Q}([\w.]{{1,120}}){_Q}",
        rf"no module named {_Q}?([\w.-]{{1,120}}){_Q}?",
        rf"cannot find (?:module|package) {_Q}({_NAME}){_Q}",
        r"ClassNotFoundException: ([\w.$]{1,120})",
        r"NoClassDefFoundError: ([\w./$]{1,120})",
        r"version `(GLIBC\w{0,20}(?:\.\w{1,5}){0,3})'",
        r"cannot load such file -- ([\w./-]{1,120})",
        r"could not find gem '([^']{1,80})'",
        r'class "([\w\\]{1,120})" not found',
    ),
    "program": (
        rf"can't open file {_Q}({_PATH}){_Q}",
        r"find or load main class ([\w.$]{1,120})",
        rf"access jarfile ({_PATH})",
        rf'exec: "?({_PATH})"?: ',
        rf"(?:^|: )({_PATH}): (?:command )?not found",
    ),
    "limit": (
        r"connection limit: (\d{1,9})",
        r"memory size of (\d{1,15}) bytes",
        r"children setting \((\d{1,9})\)",
        r"max_map_count \[(\d{1,9})\]",
        r"maximum: (\d{1,9}(?:\.\d{1,4})? [KMGT]i?B)",
        r"\(limit: (\d{1,15})\b",
        r"than max \(\d{1,15} vs\. (\d{1,15})\)",
        r"QueuePool limit of size (\d{1,6})",
    ),
    "topic": (
        r"\{([\w.-]{1,120})=[A-Z_]{5,60}\}",
        r"metadata for topic: ([\w.-]{1,120})",
        r"\btopics?:? \[?([\w.-]{1,120})\]?(?: is not| not present|$)",
        r"access topics: \[([\w.-]{1,120})",
    ),
    "queue": (rf"\b(?:queue|exchange) {_Q}([\w.:-]{{1,120}}){_Q}",),
    "index": (r"\bindex \[([\w.*-]{1,120})\]",),
    "plugin": (rf"plugin {_Q}?(\w{{1,40}}){_Q}? (?:cannot|could not)",),
    "version": (r"migration version (\w{1,40}(?:\.\w{1,10}){0,4})", rf"identified by {_Q}(\w{{1,60}}){_Q}"),
    "expiry": (r"is after (\d{4}-[\dT:+Z.-]{6,30})",),
    "verb": (r"cannot (\w{2,20}) resource", r"cannot (\w{2,20}) [a-z.]{2,80} (?:in|at)"),
    "resource": (r'cannot \w{2,20} resource \\?"([\w./-]{1,80})', r"cannot \w{2,20} ([a-z]{2,80}[a-z.0-9-]{0,80}) (?:in|at)"),
    "kind": (r'no matches for kind \\?"(\w{1,80})',),
    "key": (
        r"'(url)' attribute is not specified",
        rf"resolve placeholder {_Q}([\w.-]{{1,120}}){_Q}",
        rf"KeyError: {_Q}([\w.-]{{1,120}}){_Q}",
        rf"key not found: {_Q}?([\w.-]{{1,120}}){_Q}?",
        rf"\(parameter {_Q}(\w{{1,80}}){_Q}\)",
        rf"missing field {_Q}([\w.-]{{1,120}}){_Q}",
        r"(?:^|\n)([\w.]{1,120})\n\s{1,8}field required",
        r"required key ([\w.-]{1,120}) missing",
        r"set the ([A-Z][A-Z0-9_]{1,80}) environment",
        r"\b([A-Z][A-Z0-9_]{2,80}) setting must",
        r"environment variable(?:s)?(?: not found)?:? ([A-Z][A-Z0-9_]{2,80})\b",
        rf"unknown (?:field|flag|option|directive|keyword|variable):? \\?{_Q}?([\w.-]{{1,120}})",
        rf"(?:invalid value for|unrecognized configuration) (?:parameter|option) {_Q}?([\w.-]{{1,120}})",
        r"unknown \w{1,20}: (--?[\w.-]{1,80})",
        r"not defined: (-{1,2}[\w.-]{1,80})",
        r"unrecognized directive: ([\w.:/-]{1,120})",
        rf"{_Q}([\w.-]{{1,80}}){_Q} directive is not allowed",
        rf"{_Q}([\w.-]{{1,80}}){_Q} cannot handle",
        r">>> '([^'\n]{1,100})'",
        rf"inequivalent arg {_Q}([\w.-]{{1,80}}){_Q}",
        r"\b(vm\.max_map_count)\b",
        r"\b((?-i:[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,80}))\b",
    ),
    "file": (
        rf"\bopen\(\) \\?{_Q}({_PATH}){_Q} failed",
        rf"\bparsing \[({_PATH})(?::\d{{1,6}})?\]",
        rf"\bin \\?{_Q}?({_PATH}\.(?:conf|cfg|ya?ml|json|toml|ini|properties)){_Q}?(?::\d|, line)",
        rf"cannot load certificate \\?{_Q}({_PATH}){_Q}",
        rf"error parsing ({_PATH}\.\w{{1,10}}):",
        rf"(?:^|[\s:])({_PATH}(?:file|\.conf|\.cfg|\.ya?ml)):\d{{1,6}}(?: -|:)",
        r"class path resource \[([\w./-]{1,200})\]",
        rf"source directory \[({_PATH})\]",
        rf"FileNotFoundException: ({_PATH}) \(",
        rf"configuration file {_Q}({_PATH}){_Q}",
        rf"rb_sysopen - ({_PATH})",
        rf"\bopen ({_PATH}): ",
        rf"no such file or directory(?:, \w{{1,12}})?:? {_Q}({_PATH}){_Q}",
        rf"permission denied(?:, \w{{1,12}})?:? {_Q}({_PATH}){_Q}",
        rf"file system:? {_Q}({_PATH}){_Q}",
        rf"(?:lock |temporary statistics |to )?file \\?{_Q}({_PATH})\\?{_Q}",
        rf"file size of {_Q}({_PATH}){_Q}",
        rf"unable to lock ({_PATH}),",
        rf"data directory \\?{_Q}({_PATH})\\?{_Q}",
        rf"create directory {_Q}({_PATH}){_Q}",
        rf"lock file: ({_PATH}) \(",
        rf"\bunix:({_ROOTED}) failed",
        rf"file_put_contents\(({_PATH})\)",
        rf"is denied: ({_PATH})",
        rf"\b(?:in dir|available in) ({_ROOTED})",
        rf"(?:^|[\s:])({_ROOTED}): (?:permission denied|operation not|no such file|handle-open)",
        rf"(?:^|[\s:=])({_PATH}\.(?:conf|cfg|ya?ml|json|toml|ini|properties)):? (?:yaml|json|toml|line|unmarshal|parse|invalid)\b",
    ),
    "line": (
        r"\.(?:conf|cfg|ya?ml|json|toml|ini|properties):(\d{1,6})\b",
        r"(?:^|[\s:/])(?:Caddy|Core)file:(\d{1,6})\b",
        rf"\.(?:conf|cfg|ya?ml|json|toml|ini|properties){_Q}?,? (?:at )?line:? (\d{{1,6}})\b",
        r"\b(?:at )?line:? (\d{1,6})\b",
    ),
}


@lru_cache
def _compiled(slot: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(phrase, re.IGNORECASE) for phrase in _PHRASES[slot])


def phrases() -> dict[str, tuple[str, ...]]:
    """The phrases of each slot that is read by phrases; hosts are read by `log_signs.hosts`."""
    return dict(_PHRASES)


def value(slot: str, text: str) -> str | None:
    """What a text names in this slot, at most 120 characters; None where it names nothing."""
    for pattern in _compiled(slot):
        if (match := pattern.search(text[:MAX_TEXT])) is not None:
            return match.group(1).rstrip(".,:")[:MAX_VALUE] or None
    return None
