"""The settings of a container as its program gets them: variables, the words of its command, and lines of mounted files.

Kubernetes decides which of several values a variable has: `env` hides `envFrom`, and the last of a name hides those before it. `$(NAME)` is
replaced in values and arguments. The script of a shell (`sh -c`) is read command by command, with the variables that it uses and sets.

Values of Secrets are not known, and of ConfigMaps only the addresses that the agent reports (`config_files.py`). What is not known is
`UNKNOWN`, a character that no address contains, so that no part of a composed name is mistaken for the whole.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from optral.kube.objects import ConfigMap, NamedKey, TemplateContainer, TemplateVolume

ENV, COMMAND, ARGUMENTS, FILE = "env", "command", "args", "file"
MAX_SCRIPT = 4000
MAX_COMMANDS = 100  # of one script
MAX_SHADOWED = 5
UNKNOWN = "\x00"
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)", re.ASCII)
_SHELL_REFERENCE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^{}$]*))?[^{}]*\}|([A-Za-z_][A-Za-z0-9_]*))", re.ASCII)
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.ASCII | re.DOTALL)
_OPTION = re.compile(r"--?([A-Za-z][A-Za-z0-9_.-]*)=(\S+(?: \[redacted:[^\]]+\])?)", re.ASCII)
_FLAG = re.compile(r"--?[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_LONG = re.compile(r".{2,}(?<!-)")  # and not `O`, `qO-` or other short options in one word
_SCRIPT_FLAG = re.compile(r"-[a-z]*c", re.ASCII)
_COMMAND_ENDS = ";&|()\n"
_PRINTS = frozenset({"echo", "printf", ":", "#"})
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "exec", "export", "!", "time", "sudo", "nohup", "set", "{"})
_MARK = re.compile(r"\[redacted:[a-z0-9.-]{1,40}:([0-9a-f]{8})\]", re.ASCII)


class Source(NamedTuple):
    """Where a ConfigMap holds a setting; `line` is 0 where the whole value of the key is the setting."""

    config: str
    key: str
    line: int = 0

    def __str__(self) -> str:
        return f"ConfigMap {self.config}, key {self.key}" + (f", line {self.line}" if self.line else "")


class Setting(NamedTuple):
    """One variable, argument or line of a file. `name` is that of the variable, option or entry, else the field: `command` or `args`.

    `text` is what the program gets, `written` what the manifest has where that differs. `shadowed` are the values of the same variable that
    do not count.
    """

    field: str
    name: str
    text: str
    written: str = ""
    source: Source | None = None
    shadowed: tuple["Setting", ...] = ()

    @property
    def in_manifest(self) -> str:
        return self.written or self.text

    @property
    def file(self) -> str:
        """The file that it is in, "" for variables and arguments; a volume of keys without lines is one file."""
        if self.field != FILE or self.source is None:
            return ""
        return f"{self.source.config}/{self.source.key if self.source.line else ''}"

    @property
    def place(self) -> str:
        """Where it is, in words: `STORE_HOST`, `args`, `STORE_HOST (ConfigMap app, key STORE_HOST)`, `db.host (ConfigMap app, …)`."""
        return self.name if self.source is None else f"{self.name} ({self.source})"


Configs = Callable[[str], ConfigMap | None]
"""The ConfigMap of a name in the namespace of the container; None where it does not exist or is not known."""


def none_known(_name: str) -> ConfigMap | None:
    return None


class Settings(NamedTuple):
    """All settings of a container in the order of variables, arguments and files, and its commands with the field that each is in."""

    every: list[Setting]
    commands: list[tuple[str, list[str]]]


def of_container(container: TemplateContainer, volumes: Iterable[TemplateVolume] = (), configs: Configs = none_known) -> Settings:
    """What the program of a container gets; variables without a known value are left out."""
    variables = environment(container, configs)
    lines = list(commands(container, variables))
    known = (variable for variable in variables.values() if variable.text)
    words = (setting for field, line in lines for setting in arguments(field, line))
    return Settings([*known, *words, *files(container, volumes, configs)], lines)


def names_of_configs(container: TemplateContainer, volumes: Iterable[TemplateVolume]) -> Iterator[str]:
    """The ConfigMaps that a container reads; the same name may come twice."""
    for source in container.env_from:
        if source.config_map_ref is not None:
            yield source.config_map_ref.name
    for variable in container.env:
        if variable.value_from is not None and variable.value_from.config_map_key_ref is not None:
            yield variable.value_from.config_map_key_ref.name
    for _, config, _ in _mounted(container, volumes):
        yield config.name


# --- variables


def environment(container: TemplateContainer, configs: Configs = none_known) -> dict[str, Setting]:
    """The variables of a container as its program sees them, by name; `text` is empty where the value is not known."""
    found: dict[str, Setting] = {}
    for source in container.env_from:
        config = configs(source.config_map_ref.name) if source.config_map_ref is not None else None
        if config is not None:
            known = {address.key: address.text for address in config.addresses if not address.line}
            for key in config.data:
                _set(found, Setting(ENV, source.prefix + key, known.get(key, ""), config.data[key], Source(config.name, key)))
    for variable in container.env:
        if (chosen := variable.value_from) is None:
            text = _expanded(variable.value, found)
            _set(found, Setting(ENV, variable.name, text, variable.value if text != variable.value else ""))
        else:
            _set(found, _of_key(variable.name, chosen.config_map_key_ref, configs))
    return found


def _of_key(name: str, reference: NamedKey | None, configs: Configs) -> Setting:
    config = configs(reference.name) if reference is not None else None
    if reference is None or config is None:
        return Setting(ENV, name, "")
    text = next((one.text for one in config.addresses if one.key == reference.key and not one.line), "")
    return Setting(ENV, name, text, config.data.get(reference.key, ""), Source(config.name, reference.key))


def _set(found: dict[str, Setting], setting: Setting) -> None:
    before = found.pop(setting.name, None)
    if before is not None:
        setting = setting._replace(shadowed=(*before.shadowed, before._replace(shadowed=()))[:MAX_SHADOWED])
    found[setting.name] = setting


def differ(first: Setting, second: Setting) -> bool:
    """Whether two values of a variable are known to differ; masked ones by their marks, which are equal for equal values."""
    if first.source is None and second.source is None:
        return first.in_manifest != second.in_manifest
    marks = [_MARK.search(setting.in_manifest) for setting in (first, second)]
    if marks[0] is not None and marks[1] is not None:
        return marks[0].group(1) != marks[1].group(1)
    return bool(first.text and second.text) and first.text != second.text


def _expanded(text: str, variables: dict[str, Setting]) -> str:
    """A value or argument with each `$(NAME)` replaced; one that is not set stays, as in Kubernetes."""
    if "$(" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        if (name := found.group(1)) is None:
            return "$"
        return _inserted(found, variables[name]) if name in variables else found.group()

    return _REFERENCE.sub(value, text)


def _inserted(found: re.Match[str], setting: Setting) -> str:
    """The value, unless it is not known, or comes from a ConfigMap and becomes only a part of a name.

    A Service is looked up by the hosts that a ConfigMap holds (`view_keys.py`), which a composed name is not.
    """
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    is_part = any(side.isalnum() or side in ("-", ".") for side in (before, after) if side)
    is_whole = found.group() == found.string
    if not setting.text or (setting.source is not None and is_part) or ("[redacted:" in setting.text and not is_whole):
        return UNKNOWN
    return setting.text


# --- commands


def commands(container: TemplateContainer, variables: dict[str, Setting]) -> Iterator[tuple[str, list[str]]]:
    """The commands that a container runs, each with the field it is in; a script is one command after the other."""
    words = [(COMMAND, _expanded(word, variables)) for word in container.command]
    words += [(ARGUMENTS, _expanded(word, variables)) for word in container.args]
    at = _script_at([word for _, word in words])
    for field in (COMMAND, ARGUMENTS):
        own = [word for place, (one, word) in enumerate(words) if one == field and (at is None or place < at - 1 or place > at)]
        if own:
            yield field, own
    if at is not None:
        yield from ((words[at][0], command) for command in _script(words[at][1][:MAX_SCRIPT], variables))


def _script_at(words: list[str]) -> int | None:
    """Where the script of a shell is: after `sh -c`, or after a first `-c` that the shell of the image gets."""
    for place, word in enumerate(words[:-1]):
        is_shell = place == 0 or words[place - 1].rpartition("/")[2] in _SHELLS
        if is_shell and _SCRIPT_FLAG.fullmatch(word) and (place > 0 or " " in words[1]):
            return place + 1
    return None


def _script(text: str, variables: dict[str, Setting]) -> Iterator[list[str]]:
    """The simple commands of a script, with the values of variables; assignments are options. What is only printed is left out."""
    known = {name: setting.text or UNKNOWN for name, setting in variables.items()}

    def value(found: re.Match[str]) -> str:
        name = found.group(1) or found.group(3)
        return known.get(name) or (found.group(2) if found.group(2) is not None else UNKNOWN)

    for command in _simple_commands(text):
        words = [_SHELL_REFERENCE.sub(value, word) for word in command]
        while words and (words[0] in _KEYWORDS or _ASSIGNMENT.fullmatch(words[0])):
            if (assigned := _ASSIGNMENT.fullmatch(words[0])) is not None:
                known[assigned.group(1)] = assigned.group(2)
                yield [f"--{words[0]}" if " " not in words[0] else assigned.group(2)]
            del words[0]
        if words and words[0] not in _PRINTS:
            yield words


def _simple_commands(text: str) -> list[list[str]]:
    reader = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars=_COMMAND_ENDS)
    reader.whitespace, reader.whitespace_split, reader.commenters = " \t\r", True, ""
    found: list[list[str]] = [[]]
    try:
        for word in reader:
            if word.strip(_COMMAND_ENDS):
                found[-1].append(word)
            elif len(found) < MAX_COMMANDS:
                found.append([])
    except ValueError:  # a quote that does not end
        return [line.split() for line in text.splitlines()[:MAX_COMMANDS]]
    return [_without_comment(command) for command in found]


def _without_comment(words: list[str]) -> list[str]:
    end = next((place for place, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:end]


def arguments(field: str, words: Iterable[str]) -> Iterator[Setting]:
    """`--db-host=store` and `--db-host store` as a setting of that name; any other argument under the name of the field."""
    flag = ""
    for word in words:
        if (option := _OPTION.fullmatch(word)) is not None:
            yield Setting(field, option.group(1), option.group(2))
        elif flag and not word.startswith("-"):
            yield Setting(field, flag if _LONG.fullmatch(flag) else field, word)  # short options say nothing; the name of the field does
        else:
            yield Setting(field, field, word)
        flag = word.lstrip("-") if _FLAG.fullmatch(word) else ""


# --- files


def files(container: TemplateContainer, volumes: Iterable[TemplateVolume], configs: Configs) -> Iterator[Setting]:
    """The entries of the ConfigMap keys that a container mounts."""
    for path, source, items in _mounted(container, volumes):
        if (config := configs(source.name)) is None:
            continue
        keys = {items.get(key, key): key for key in (items or config.data)}
        mounted = set(keys.values()) if not path else {keys[path]} if path in keys else set()
        for one in config.addresses:
            if one.key in mounted:
                yield Setting(FILE, one.name, one.text, config.data.get(one.key, ""), Source(config.name, one.key, one.line))


def _mounted(container: TemplateContainer, volumes: Iterable[TemplateVolume]) -> Iterator[tuple[str, NamedKey, dict[str, str]]]:
    """Of each mount of a ConfigMap: the subPath, the ConfigMap, and the path of each key where the volume lists keys."""
    by_name = {volume.name: volume for volume in volumes}
    for mount in container.volume_mounts:
        if (volume := by_name.get(mount.name)) is None:
            continue
        sources = [volume.config_map, *((one.config_map for one in volume.projected.sources) if volume.projected is not None else ())]
        for source in sources:
            if source is not None and source.name:
                yield mount.sub_path, source, {item.key: item.path for item in source.items}
