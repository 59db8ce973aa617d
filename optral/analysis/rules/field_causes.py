"""Causes that a program reports in words of its own: limits of the node, data of another version, variables that Kubernetes sets.

Each row is a message that programs in wide use print. Sources: their documentation and issue trackers, and Kubernetes' own.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis
from optral.analysis.reading import logs
from optral.analysis.reading.case import Case, Focus
from optral.analysis.remedies import actions
from optral.analysis.rules import exits, message_details
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.message_details import Detail, MessageMatch
from optral.analysis.rules.quotes import quote_line
from optral.analysis.rules.rule import OF_LOGS, rule


class Message(NamedTuple):
    """A message and the cause it reports: by a pattern of its own, or by a log sign where the table has the same message.

    `detail` gives None where the objects show that it is another cause.
    """

    cause: str
    pattern: re.Pattern[str] | str
    level: Level
    words: str
    remedy: str
    detail: Callable[[MessageMatch], Detail | None]


def reported(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The last lines of the log report one of these causes."""
    if (exited := exits.read(case, focus)) is None:
        return
    lines = _candidate_lines(case, exited)
    for message in MESSAGES:
        if (found := _find(case, exited, lines, message)) is None or (detail := message.detail(found)) is None:
            continue
        sentences = [quote_line(message.words, found.line), *detail.sentences]
        ids = [id_ for sentence in sentences for id_ in sentence.evidence_ids]
        advice = actions.advice(detail.remedy or message.remedy, f"{message.words}.", *dict.fromkeys(ids), edit=detail.edit)
        yield focus.hypothesis(message.cause, exited.workload, detail.level or message.level, exited.opening, *sentences, actions=[advice])


def _find(case: Case, exited: Exit, lines: list[LogLine], message: Message) -> MessageMatch | None:
    """The last line that is this message."""
    if isinstance(message.pattern, str):
        line = exited.lines.get(message.pattern)
        return None if line is None else MessageMatch(case, exited, line)
    last = _last_line(lines, message.pattern)
    return None if last is None else MessageMatch(case, exited, *last)


def _candidate_lines(case: Case, exited: Exit) -> list[LogLine]:
    """The lines of the log that have one of the words of the messages, the last line first."""
    found = ((key, line) for key, text in exited.log.texts for line in reversed(logs.reporting(text)))
    return [LogLine(case.book.log(key, line), line) for key, line in found if _has_word(line.lower())]


def _has_word(line: str) -> bool:
    return any(word in line for word in _WORDS)


def _last_line(lines: list[LogLine], pattern: re.Pattern[str]) -> tuple[LogLine, re.Match[str]] | None:
    return next(((line, match) for line in lines if (match := pattern.search(line.text)) is not None), None)


_WORDS = (
    "shared memory", "dev/shm", "tcp://", "permission denied", "eacces", "(13", "thread", "fork", "clone", "spawn",
    "postmaster", "ibdata1", "node lock", "dbpathinuse", "lock db", "another ", "user id", "uid ",
    "lock:", "changelog", "change log", "dirty database",
    "migration", "too low", "no matches for", "token", "current time", "clock", "requesttimetooskewed", "signature not", "iat", "leader",
    "lease", "serviceaccount", "in-cluster", "address family", "eafnosupport", "429", "ratelimit", "rate limit", "throttling", "exhausted",
)  # fmt: skip
"""One of them is in each line that a message matches: most lines have none, and no pattern is tried on them."""


def _p(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


MESSAGES: tuple[Message, ...] = (
    Message(
        "shared_memory_too_small",
        _p(
            r"(?:could not (?:resize|open)|not enough) shared memory|insufficient shared memory"
            r"|out of shared memory|/dev/shm\b.{0,60}(?:no space|too small)"
        ),
        Level.PROVEN,
        "The log reports that shared memory is too small",
        f"Mount an emptyDir with medium Memory at {message_details.SHARED_MEMORY}",
        message_details.shared_memory,
    ),
    Message(
        "service_link_collides",
        _p(
            r"(?:pars|invalid|convert|NumberFormat|not a (?:valid )?(?:number|integer|port)|input string"
            r"|expected|strconv|ValueError|must be)"
            r".{0,120}?tcp://(?P<ip>\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}"
        ),
        Level.PROVEN,
        "The log reports a port that it cannot parse",
        "Set enableServiceLinks to false",
        message_details.service_link,
    ),
    Message(
        "privileged_port",
        _p(
            r"bind\(\) to \S{0,80}:(\d{1,5}) failed \(13|listen tcp[46]? \S{0,80}:(\d{1,5}): bind: permission denied"
            r"|listen EACCES\S{0,3}[ :].{0,60}:(\d{1,5})\b|permission denied.{0,40}(?:bind"
            r"|listen)\w{0,4}.{0,60}:(\d{1,5})\b"
            r"|could not bind to address \S{0,80}:(\d{1,5})\b.{0,40}permission denied"
            r"|\(13\)Permission denied.{0,80}:(\d{1,5})\b"
        ),
        Level.PROVEN,
        "The log reports that it may not listen on its port",
        "Listen on an unprivileged port",
        message_details.privileged_port,
    ),
    Message(
        "file_descriptor_limit",
        "descriptors",
        Level.STRONG,
        "The log reports that a limit of open files or watches is reached",
        "Raise the limit of open files, or find the leak",
        message_details.descriptors,
    ),
    Message(
        "process_limit",
        _p(
            r"unable to create (?:new )?native thread|can't start new thread|failed to create new OS thread"
            r"|pthread_create failed"
            r"|fork: (?:retry: )?Resource temporarily unavailable|cannot fork\b|(?:fork|clone|spawn)\b.{0,30}\bEAGAIN"
        ),
        Level.PROVEN,
        "The log reports that it can start no more threads or processes",
        "Raise the kubelet's podPidsLimit, or lower the number of threads",
        message_details.on_node,
    ),
    Message(
        "data_version_incompatible",
        "version",
        Level.PROVEN,
        "The log reports data that another version wrote",
        "Go back to the image of the version that wrote the data, or migrate the data",
        message_details.image_changed,
    ),
    Message(
        "data_directory_locked",
        _p(
            r"lock file \"?postmaster\.pid\"? already exists|unable to lock \S{0,40}ibdata1"
            r"|failed to obtain (?:a )?node locks?|\bDBPathInUse\b"
            r"|lock DB directory|another (?:mongod|postmaster|instance"
            r"|process).{0,40}(?:is )?(?:already )?running|\bLOCK: (?:resource temporarily|already held)"
        ),
        Level.STRONG,
        "The log reports that another process holds the data directory",
        "Let one instance use the directory; remove the lock only if none runs",
        message_details.locked,
    ),
    Message(
        "database_migration_stuck",
        _p(
            r"could not acquire change ?log lock|waiting for changelog lock|dirty database version"
            r"|found failed migration|migrations? have failed validation"
            r"|detected failed migration|migration table is already locked"
            r"|schema migration .{0,40}(?:is locked|lock timeout)"
        ),
        Level.STRONG,
        "The log reports a database migration that is locked or failed halfway",
        "Release the lock or repair the failed migration, then start again",
        message_details.nothing,
    ),
    Message(
        "user_not_in_image",
        _p(
            r"could not look up effective user ID (\d{1,10})|getpwuid\(\): uid not found: (\d{1,10})|no user exists for uid (\d{1,10})"
            r"|cannot find name for user ID (\d{1,10})"
        ),
        Level.STRONG,
        "The log reports that the image does not know the user that runs the program",
        "Run it as a user of the image, or add the user to /etc/passwd of the image",
        message_details.user,
    ),
    Message(
        "kernel_setting_too_low",
        _p(
            r"\b(?P<setting>vm\.max_map_count|net\.core\.somaxconn|fs\.[a-z_.-]{1,40}"
            r"|kernel\.[a-z_.-]{1,40})\W{1,3}(?P<value>\d{1,12})\W{0,2} (?:is )?too low"
        ),
        Level.PROVEN,
        "The log reports that a kernel setting of the node is too low",
        "Raise the setting on the node",
        message_details.kernel_setting,
    ),
    Message(
        "api_version_removed",
        _p(
            r"no matches for kind \\?\"(?P<kind>[A-Za-z]{1,60})\\?\" in (?:version"
            r"|group) \\?\"(?P<version>[A-Za-z0-9./-]{1,80})\\?\""
        ),
        Level.PROVEN,
        "The log reports an API that the cluster does not serve",
        "Use an API version that the cluster serves",
        message_details.kind,
    ),
    Message(
        "clock_skew",
        _p(
            r"token (?:was )?(?:used before issued|issued in the future)|current time \S{1,40} is before"
            r"|\bclock (?:skew|drift)\b|RequestTimeTooSkewed"
            r"|signature not yet current|iat.{0,20}in the future"
        ),
        Level.STRONG,
        "The log reports that a clock is wrong",
        "Synchronize the clock of the node with NTP",
        message_details.on_node,
    ),
    Message(
        "leader_election_lost",
        _p(
            r"leader ?election lost|lost (?:the )?(?:leader|master) lease"
            r"|failed to renew lease \S{1,120}: (?:timed out|context deadline)|leader lease.{0,20}lost"
        ),
        Level.STRONG,
        "The log reports that it lost its leader election and stopped itself",
        "Check the latency of the API server and the CPU of this pod",
        message_details.nothing,
    ),
    Message(
        "service_account_token_missing",
        _p(
            r"/var/run/secrets/kubernetes\.io/serviceaccount\b.{0,80}(?:no such file|ENOENT|not found"
            r"|does not exist|FileNotFound)"
            r"|(?:no such file|ENOENT|FileNotFound).{0,120}/var/run/secrets/kubernetes\.io/serviceaccount"
            r"|unable to load in-cluster configuration"
        ),
        Level.PROVEN,
        "The log reports that the token of the ServiceAccount is missing",
        "Mount the token of the ServiceAccount",
        message_details.token,
    ),
    Message(
        "ip_family_unsupported",
        _p(
            r"address family not supported by protocol|address family for (?:hostname|nodename) not supported"
            r"|\bEAFNOSUPPORT\b"
        ),
        Level.PROVEN,
        "The log reports an IP family that the node does not have",
        "Use an IP family that the cluster has; without IPv6, do not listen on [::]",
        message_details.on_node,
    ),
    Message(
        "dependency_rate_limited",
        _p(
            r"\b429\b\W{1,3}too many requests|\b(?:status|code)\W{1,3}429\b|rate ?limit(?:ed)? (?:exceeded"
            r"|reached)|ThrottlingException|RESOURCE_EXHAUSTED.{0,60}(?:quota|rate)"
        ),
        Level.LIKELY,
        "The log reports that a server limits the rate of its requests",
        "Raise the limit at that server, or call it less often with backoff",
        message_details.rate,
    ),
)
RULES = (rule(reported, OF_LOGS, {message.cause for message in MESSAGES}),)
