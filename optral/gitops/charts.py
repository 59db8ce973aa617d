"""Which value of a Helm release makes a change of its objects, proven by rendering the chart before and after.

Values that could have made the field are candidates: those that stand in it, and maps that could hold it. Each is tried: Helm renders the
chart with it, and only a value counts that changes fields of the plan as the plan says, and nothing else. Between several a person chooses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from optral.gitops import helm, paths, releases, values
from optral.gitops.helm import Chart, Objects, Values
from optral.gitops.manifest import is_same
from optral.gitops.model import CannotEdit, Change, Edit, Repository, Target
from optral.gitops.releases import Applied, Setup
from optral.gitops.values import Form, Layer
from optral.kit.clock import SystemClock
from optral.kube import diff

MAX_RENDERS = 40
SEARCH_S = 60.0
_SHOWN = 3
_MAX_DIFFERENCES = 50
Wanted = Sequence[tuple[Target, Change]]
Spot = tuple[Target, tuple[str, ...]]


class _Candidate(NamedTuple):
    """A value of the release, and what it would become."""

    path: tuple[str, ...]
    after: Any


class _Step(NamedTuple):
    """The files with one more edit, what it changes, and in which layer."""

    candidate: _Candidate
    layer: Layer
    files: dict[str, str]
    objects: Objects
    done: frozenset[Spot]


def edits(
    repository: Repository, applied: Applied, wanted: Wanted, *, value: str = "", chart: Mapping[str, bytes] | None = None
) -> list[Edit]:
    """The edits of values that make these changes. `value`: the one to change, such as `image.tag`, where several could.

    `chart`: the files of a chart that is not in the repository. Raises `CannotEdit`.
    """
    program = helm.find()
    files = dict(repository.files)
    setup = releases.setup(files, applied)
    given = _files_of(repository, setup) if chart is None else chart
    if releases.CHART not in given:
        raise CannotEdit(f"{setup.name or 'The folder'} holds no Helm chart: there is no {releases.CHART}")
    if setup.chart is None:
        setup = setup._replace(layers=list(_with_chart(setup, given, files)))
    with Chart(given, setup.release, program=program) as rendered:
        return _Search(rendered, setup, files, value).run(wanted)


def makes(repository: Repository, applied: Applied, target: Target) -> bool:
    """Whether the chart of a release, which is in the repository, makes an object. Raises `CannotEdit`."""
    setup = releases.setup(repository.files, applied)
    with Chart(_files_of(repository, setup), setup.release, program=helm.find()) as rendered:
        objects = _Search(rendered, setup, dict(repository.files), "").objects()
    found = [one for one in objects if (one.kind, one.name) == (target.kind, target.name)]
    return any(not target.namespace or one.namespace == target.namespace for one in found)


def _with_chart(setup: Setup, chart: Mapping[str, bytes], files: dict[str, str]) -> Iterator[Layer]:
    """The layers, with those that are in a chart from elsewhere; their texts are added to `files`, under names that no repository has."""
    named = [Layer(path=releases.DEFAULTS, is_default=True, is_fixed=True, is_of_chart=True, may_miss=True)] if setup.has_defaults else []
    for layer in [*named, *setup.layers]:
        if not layer.is_of_chart:
            yield layer
        elif layer.path in chart:
            path = f"{layer.path} of the chart {setup.name}"
            files[path] = chart[layer.path].decode(errors="replace")
            yield replace(layer, path=path)
        elif not layer.may_miss:
            raise CannotEdit(f"The values file {layer.path} is not in the chart {setup.name}")


def _files_of(repository: Repository, setup: Setup) -> Mapping[str, bytes]:
    if setup.chart is None:
        say = f"The chart {setup.name} is not in the repository, and no chart is downloaded here"
        raise CannotEdit(f"{say}: run helm pull, then optral executions patch with --chart, or change the values by hand")
    found = dict(repository.folder(setup.chart))
    for dependency in releases.dependencies(repository.files, setup.chart):
        name, where = str(dependency.get("name", "")), str(dependency.get("repository", ""))
        if where.startswith("file://") and "/" not in name and not any(path.startswith(f"charts/{name}") for path in found):
            inner = repository.folder(paths.joined(setup.chart, where.removeprefix("file://")))
            found |= {f"charts/{name}/{path}": content for path, content in inner.items()}
    return found


class _Search:
    def __init__(self, chart: Chart, setup: Setup, files: dict[str, str], value: str) -> None:
        self._chart, self._setup, self._files, self._chosen = chart, setup, files, tuple(value.split(".")) if value else ()
        self._clock, self._renders = SystemClock(), 0
        self._ends_at = self._clock.monotonic() + SEARCH_S
        self._refusals: list[str] = []

    def objects(self) -> Objects:
        """What the chart renders from the files as they are."""
        return self._render(self._files)

    def run(self, wanted: Wanted) -> list[Edit]:
        for layer in self._setup.layers:
            layer.read(self._files)
        first = self._render(self._files)
        restless = frozenset(_differences(first, self._render(self._files)))
        left = _checked(first, wanted)
        every, files, objects, notes = dict(left), self._files, first, dict[str, list[str]]()
        while left:
            spot = next(iter(left))
            step = self._only(spot, self._steps(files, objects, left, restless))
            files, objects = step.files, step.objects
            left = {one: change for one, change in left.items() if one not in step.done}
            notes.setdefault(step.layer.path, []).extend(self._notes(step))
        found = {spot: change for spot, change in _differences(first, objects).items() if spot not in restless}
        if found.keys() != every.keys():
            raise CannotEdit("The values would change more than the plan does: change them by hand")
        return [Edit(path, self._files[path], files[path], tuple(dict.fromkeys(said))) for path, said in notes.items()]

    def _render(self, files: Mapping[str, str]) -> Objects:
        self._renders += 1
        if self._renders > MAX_RENDERS or self._clock.monotonic() > self._ends_at:
            raise CannotEdit("The chart has more values that could set this than are tried: name the one to change with --value")
        defaults, texts, parameters = None, [], list[Mapping[str, Any]]()
        for layer in self._setup.layers:
            if layer.form is Form.PARAMETERS:
                parameters = layer.given(files)
            elif layer.is_default and not layer.is_fixed and self._setup.has_defaults:
                defaults = files[layer.path]
            elif not layer.is_default or not layer.is_fixed:
                texts.append(layer.text(files))
        plain, quoted = _set(parameters, is_text=False), _set(parameters, is_text=True)
        return self._chart.render(Values(texts, plain, quoted), defaults=defaults if self._setup.has_defaults else "")

    # --- one step

    def _steps(self, files: dict[str, str], objects: Objects, left: dict[Spot, Change], restless: frozenset[Spot]) -> list[_Step]:
        """What the candidates of the best sort come to: those that change fields of the plan as it says, the first of them included."""
        spot, change = next(iter(left.items()))
        tree = values.merged(layer.read(files) for layer in self._setup.layers)
        for sort in (_equal, _within, _inside, _anywhere):
            found = []
            for candidate in dict.fromkeys(sort(tree, change)):
                if self._chosen and candidate.path != self._chosen:
                    continue
                if (step := self._step_of(candidate, files, objects, left, restless)) is not None and spot in step.done:
                    found.append(step)
            if found:
                return found
        return []

    def _step_of(
        self, candidate: _Candidate, files: dict[str, str], objects: Objects, left: Mapping[Spot, Change], restless: frozenset[Spot]
    ) -> _Step | None:
        layer = self._layer(candidate.path, files)
        try:
            held = diff.present(diff.value_at(layer.read(files), candidate.path))
            changed = {**files, layer.path: layer.edited(files, Change(candidate.path, held, candidate.after))}
            after = self._render(changed)
        except CannotEdit as error:
            if self._renders > MAX_RENDERS or self._clock.monotonic() > self._ends_at:
                raise
            self._refusals.append(f"{'.'.join(candidate.path)}: {error}")
            return None
        found = {spot: value for spot, value in _differences(objects, after).items() if spot not in restless}
        other = [spot for spot, value in found.items() if spot not in left or not is_same(left[spot].after, value)]
        if other and any(spot in left for spot in found):
            target, path = other[0]
            self._refusals.append(f"{'.'.join(candidate.path)} would also change {diff.dotted(path) or 'all'} of {target}")
        return None if other or not found else _Step(candidate, layer, changed, after, frozenset(found))

    def _layer(self, path: Sequence[str], files: Mapping[str, str]) -> Layer:
        """Where the value is written: where it stands, unless that is the chart and the release has a place of its own."""
        layers = self._setup.layers
        holding = _holding(layers, path, files)
        if holding and _is_own(holding[-1]):
            return holding[-1]
        least = layers.index(holding[-1]) if holding else 0
        if open_ := [layer for layer in layers[least:] if _is_own(layer) and layer.form is not Form.PARAMETERS]:
            return (_holding(open_, path[:-1], files) or open_)[-1]
        defaults = [layer for layer in layers if not layer.is_fixed and layer.form is not Form.PARAMETERS]
        if not defaults:
            raise CannotEdit("No file of the repository holds values of the release: change them by hand")
        return next((layer for layer in reversed(holding) if layer in defaults), defaults[-1])

    def _only(self, spot: Spot, found: Sequence[_Step]) -> _Step:
        if len(found) == 1:
            return found[0]
        target, path = spot
        field = f"{diff.dotted(path)} of {target}"
        if found:
            names = ", ".join(sorted({".".join(one.candidate.path) for one in found}))
            raise CannotEdit(f"More than one value sets {field}: {names}. Choose one with optral executions patch and --value")
        if self._refusals:
            raise CannotEdit(f"No value of the release sets only {field}. " + "; ".join(dict.fromkeys(self._refusals[:_SHOWN])))
        raise CannotEdit(f"No value of the release that could be found sets {field}: change the chart or its values by hand")

    def _notes(self, step: _Step) -> list[str]:
        name = ".".join(step.candidate.path)
        said = [f"Helm renders exactly the planned change from {name} in {step.layer.path}"]
        if step.layer.is_default:
            said.append(f"{step.layer.path} has the defaults of the chart: other releases may use them, too")
        return said


# --- candidates


def _equal(tree: Mapping[str, Any], change: Change) -> Iterator[_Candidate]:
    """Values that are the field."""
    for path, held in values.leaves(tree) if change.before is not None else ():
        if is_same(held, change.before) or str(held) == str(change.before):
            yield _Candidate(path, str(change.after) if isinstance(held, str) else change.after)


def _within(tree: Mapping[str, Any], change: Change) -> Iterator[_Candidate]:
    """Values that stand in the text of the field, such as the tag of an image, the longest first."""
    before, after = str(change.before or ""), str(change.after)
    found = []
    for path, held in values.leaves(tree):
        text = str(held)
        for new in _replaced(text, before, after) if not isinstance(held, bool) else ():
            is_number = isinstance(held, int | float) and new.isdecimal()
            found.append((len(text), _Candidate(path, int(new) if is_number else new)))
    return (one for _, one in sorted(found, key=lambda pair: -pair[0]))


def _replaced(part: str, before: str, after: str) -> Iterator[str]:
    """What has to stand in place of a part of `before` so that it becomes `after`."""
    at = before.find(part) if part and part != before else -1
    while at >= 0:
        head, tail = before[:at], before[at + len(part) :]
        if after.startswith(head) and after.endswith(tail) and len(after) > len(head) + len(tail):
            yield after[len(head) : len(after) - len(tail)]
        at = before.find(part, at + 1)


def _inside(tree: Mapping[str, Any], change: Change) -> Iterator[_Candidate]:
    """Values that are not set yet, in a map that bears the name of what is around the field."""
    for path, inner, around in _missing(tree, change):
        if around and path[-1:] == around:
            yield _Candidate((*path, *inner), change.after)


def _anywhere(tree: Mapping[str, Any], change: Change) -> Iterator[_Candidate]:
    """Values that are not set yet, with at least one map around them, in any map; the outermost first."""
    found = [
        (len(path), len(inner), _Candidate((*path, *inner), change.after)) for path, inner, _ in _missing(tree, change) if len(inner) > 1
    ]
    return (one for *_, one in sorted(found, key=lambda entry: entry[:2]))


def _missing(tree: Mapping[str, Any], change: Change) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Each map with each end of the field's path that it does not hold, and the step before that end."""
    for path, held in values.maps(tree) if change.before is None else ():
        for count in range(1, len(change.path) + 1):
            if not values.holds(held, change.path[-count:]):
                yield path, change.path[-count:], change.path[-count - 1 : -count]


# --- what Helm rendered


def _set(parameters: Iterable[Mapping[str, Any]], *, is_text: bool) -> list[str]:
    """Parameters as options of Helm; a comma in a value is no end of it."""
    fits = (parameter for parameter in parameters if _is_forced(parameter) is is_text)
    return [f"{fit['name']}=" + str(fit.get("value") or "").replace("\\,", ",").replace(",", "\\,") for fit in fits]


def _is_forced(parameter: Mapping[str, Any]) -> bool:
    """Argo CD reads the name of this setting in any case."""
    return any(str(name).lower() == "forcestring" and value is True for name, value in parameter.items())


def _checked(objects: Objects, wanted: Wanted) -> dict[Spot, Change]:
    """The planned changes by what Helm renders. Raises `CannotEdit` where that is not what the cluster has."""
    found = {}
    for target, change in wanted:
        known = _rendered(objects, target)
        held = diff.present(diff.value_at(objects[known], change.path))
        if not is_same(held, change.before):
            shown, now = ("not set" if one is None else repr(one) for one in (held, change.before))
            say = f"{'.'.join(change.path)} is {shown} in what Helm renders and {now} in the cluster"
            raise CannotEdit(f"{say}: something else sets it, or the values were not applied yet")
        found[known, tuple(change.path)] = change
    return found


def _rendered(objects: Objects, target: Target) -> Target:
    if target in objects:
        return target
    found = [one for one in objects if (one.kind, one.name) == (target.kind, target.name) and not target.namespace]
    if len(found) != 1:
        raise CannotEdit(f"The chart does not render {target}: check the chart and its values")
    return found[0]


def _differences(before: Objects, after: Objects) -> dict[Spot, Any]:
    """What stands at each path that differs; the path is empty for an object that is on one side only."""
    found: dict[Spot, Any] = {(one, ()): None for one in before.keys() ^ after.keys()}
    for target in before.keys() & after.keys():
        for one in diff.walk(before[target], after[target], limit=_MAX_DIFFERENCES, is_deep=True, has_order=True):
            found[target, tuple(one.path)] = diff.present(one.after)
    return found


def _holding(layers: Sequence[Layer], path: Sequence[str], files: Mapping[str, str]) -> list[Layer]:
    return [layer for layer in layers if values.holds(layer.read(files), path)]


def _is_own(layer: Layer) -> bool:
    """Whether it is of the release, not of the chart, and can be written."""
    return not layer.is_default and not layer.is_fixed
