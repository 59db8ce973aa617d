"""Settings by which a server accepts no writes, or no more connections or data: in its arguments, its variables and its ConfigMaps.

A setting counts by the words of its name (`max_connections`, `maxclients`, `replica-read-only`), whatever the server. Of a ConfigMap the
agent notes the numbers and switches with such names (`kube/config_files.py`); other values stay masked.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from optral.analysis.model import Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Container, cite
from optral.kube import calls as kube_calls, settings
from optral.kube.objects import ConfigMap
from optral.kube.settings import ENV
from optral.terms.refs import ObjectRef

_ON = frozenset({"", "1", "on", "true", "yes"})
_NAMES = {
    "frozen": re.compile(r"(?:^|_)(?:super_|replica_|slave_|default_transaction_)?READ_?ONLY$", re.IGNORECASE),
    "full": re.compile(r"MAX_?(?:USER_?|INCOMING_?)?(?:CONN|CLIENT|SESSION)|(?:CONN\w*|CLIENTS?)_?(?:LIMIT|MAX)$", re.IGNORECASE),
    "memory": re.compile(r"MAX_?MEMORY$|MEMORY_?(?:LIMIT|MAX|HIGH_WATERMARK)\w*$", re.IGNORECASE),
}
_SAYS = {
    "frozen": "{setting}, set to {current}{place}, makes it read-only.",
    "full": "{setting} limits its connections to {current}{place}.",
    "memory": "{setting} limits its memory to {current}{place}.",
}
_NUMBER = re.compile(r"\d")
_WORD = re.compile(r"-{0,2}([A-Za-z][\w.-]{1,80})(?:=(\S{1,40}))?", re.ASCII)


class _Limit(NamedTuple):
    """The name and the value of a setting, the evidence for it, and where a ConfigMap holds it."""

    name: str
    value: str
    evidence_id: str
    source: settings.Source | None = None


def limiting(case: Case, seen: Container, sign: str) -> tuple[Sentence, str] | None:
    """The setting of a server that explains this log sign, as a sentence, and its name with its place."""
    names = _NAMES.get(sign)
    found = (one for one in _limits(case, seen) if names is not None and names.search(kube_calls.canonical(one.name)))
    for one in found:
        if one.value.lower() in _ON if sign == "frozen" else _NUMBER.match(one.value):
            return _stated(one, _SAYS[sign])
    return None


def _stated(one: _Limit, says: str) -> tuple[Sentence, str]:
    if one.source is None:
        words = says.replace("{place}", "") if one.value else says.replace(", set to {current}{place},", "")
        return cite(words, one.evidence_id, setting=one.name, **({"current": one.value} if one.value else {})), one.name
    at, line = one.source, {"line": one.source.line} if one.source.line else {}
    place = " in line {line} of key {key} in ConfigMap {object}" if line else " in key {key} of ConfigMap {object}"
    facts = {"setting": one.name, "current": one.value, "key": at.key, "object": at.config, **line}
    return cite(says.replace("{place}", place), one.evidence_id, **facts), f"{one.name} ({at})"


def _limits(case: Case, seen: Container) -> Iterator[_Limit]:
    """What its arguments and variables say comes before its files, which they replace."""
    container, pod = kube_calls.decode_container(seen.spec), seen.pod
    volumes = kube_calls.decode_volumes(pod.many("spec.volumes"))
    for field, words in (("args", container.args), ("command", container.command)):
        for name, value in _in_words(" ".join(words).split()):
            yield _Limit(name, value, case.book.object(pod, f"{seen.spec_path}.{field}"))
    configs = partial(calls.config, case, pod.namespace)
    for name, setting in settings.environment(container, configs).items():
        if setting.field == ENV and setting.source is None and setting.text and "[redacted" not in setting.text:
            yield _Limit(name, setting.text, case.book.object(pod, f"{seen.spec_path}.env"))
    for name in dict.fromkeys(settings.names_of_configs(container, volumes)):
        if (config := configs(name)) is not None:
            yield from _of_config(case, config)


def _in_words(words: list[str]) -> Iterator[tuple[str, str]]:
    """`--max-connections=50`, `--max-connections 50` and `-c max_connections=50` as names and values."""
    for word, after in pairwise((*words, "")):
        if (match := _WORD.fullmatch(word)) is not None:
            yield match[1], match[2] or (after if word.startswith("-") and not after.startswith("-") else "")


def _of_config(case: Case, config: ConfigMap) -> Iterator[_Limit]:
    for one in config.limits:
        source = settings.Source(config.name, one.key, one.line)
        ref = ObjectRef(ConfigMap.kind, config.metadata.namespace, config.name)
        yield _Limit(one.name, one.text, case.book.relation(ref, "data", f"{source}: {one.name} = {one.text}"), source)
