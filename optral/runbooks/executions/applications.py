"""From which of its sources an Application of Argo CD makes an object. Pure.

Every source makes objects, but for one that has only a `ref`. Where several make the same object the last one wins, and Argo CD does not
record which one that was. A values file `$name/…` is in the repository of the source with that `ref`, from its root; any other `$` is a
variable of the build environment. Source: Argo CD documentation, "Multiple Sources for an Application", "Helm" and "Build Environment".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from optral.kube.health.model import part, text
from optral.runbooks.executions.source import Source, address_of

_SET = ("ApplicationSet", "argoproj.io")


class _Unclear(Exception):
    """Why the files cannot be determined."""


class _Origin(NamedTuple):
    """A repository at a branch, tag or commit."""

    repository: str
    revision: str


class _ValuesFile(NamedTuple):
    """`origin` is None for a file beside the chart; `path` begins with `/` where it is one from the root of the repository."""

    origin: _Origin | None
    path: str


def of_application(manifest: Mapping[str, Any], own: Source | None = None) -> Source | None:
    """The source of an Application; None where it has none. `own` is that of the Application itself, where something applies it.

    Where it cannot be determined from which of several sources an object comes, the `problem` says why.
    """
    listed = part(manifest, "spec", "sources") or [part(manifest, "spec", "source")]
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        return None
    try:
        return _Application(manifest, listed, own).source()
    except _Unclear as why:
        return Source(applied_at=_finished(manifest), problem=str(why))


def synced_revisions(manifest: Mapping[str, Any], repository: str, revision: str) -> tuple[str, ...]:
    """The commits of this repository and branch that Argo CD has applied to the end, one for each source that follows them.

    Empty texts while it has not. Argo CD names the revision that it compares with before it applies it: that counts only once the
    Application is synced with it.
    """
    sync, result = part(manifest, "status", "sync"), part(manifest, "status", "operationState", "syncResult")
    is_done = text(manifest, "status", "operationState", "phase") == "Succeeded"
    said = sync if text(sync, "status") == "Synced" else result if is_done else None
    listed = part(manifest, "spec", "sources")
    if not isinstance(listed, list) or len(listed) < 2:
        return (text(said, "revision"),)
    wanted = _Origin(repository, revision)
    found = tuple(_nth(part(said, "revisions"), number) for number, one in enumerate(listed) if _origin(one) == wanted)
    return found or ("",)


class _Application:
    def __init__(self, manifest: Mapping[str, Any], listed: Sequence[Mapping[str, Any]], own: Source | None) -> None:
        self._manifest, self._listed, self._own = manifest, listed, own
        self._refs = _refs(listed)

    def source(self) -> Source:
        makers = [number for number, one in enumerate(self._listed) if self._makes(one)]
        if not makers:
            raise _Unclear("none of its sources makes objects")
        return self._of_one(makers[0]) if len(makers) == 1 else self._of_several(makers)

    def _makes(self, one: Mapping[str, Any]) -> bool:
        return len(self._listed) == 1 or bool(text(one, "path") or text(one, "chart") or not text(one, "ref"))

    def _of_one(self, number: int) -> Source:
        """The only source that makes objects. Where its values are in another repository or at another revision, that one is edited."""
        one, files = self._listed[number], list(self._files(number))
        origins = {file.origin for file in files if file.origin is not None}
        if not origins or (origins == {_origin(one)} and not text(one, "chart")):
            return self._source(number, number, files)
        if len(origins) > 1:
            where = ", ".join(sorted({origin.repository for origin in origins}))
            raise _Unclear(f"its values files come from more than one repository or revision ({where})")
        if outside := [file.path for file in files if file.origin is None and file.path.startswith("/")]:
            raise _Unclear(f"its values file {outside[0]} is in the repository of the chart, and others are in another one")
        (origin,) = origins
        at = next(number for number, held in enumerate(self._listed) if text(held, "ref") and _origin(held) == origin)
        return self._source(number, at, files)

    def _source(self, maker: int, at: int, files: Sequence[_ValuesFile]) -> Source:
        """`maker` makes the objects, `at` has the files to edit."""
        one, held = self._listed[maker], self._listed[at]
        repository, path = address_of(text(held, "repoURL")), text(one, "path").strip("/")
        is_here = maker == at
        return Source(
            repository=repository,
            path=path if is_here else "",
            revision=text(held, "targetRevision"),
            applied_revision=self._applied(at),
            applied_at=_finished(self._manifest),
            chart=text(one, "chart") or ("" if is_here else path),
            helm=self._helm(maker, files, repository),
            transformers=_transformers(one),
        )

    def _of_several(self, makers: Sequence[int]) -> Source:
        """Several make objects: the files tell which one makes which, if all are in one repository at one revision."""
        count = f"{len(makers)} of its sources make objects, and Argo CD does not record which one made this"
        if charts := [name for number in makers if (name := text(self._listed[number], "chart"))]:
            raise _Unclear(f"{count}; one of them is the chart {charts[0]}, which is not in a Git repository")
        origins = {_origin(self._listed[number]) for number in makers}
        if len(origins) > 1:
            raise _Unclear(f"{count}; they are in more than one repository or at more than one revision")
        candidates = [self._candidate(number, origins) for number in makers]
        (origin,) = origins
        return Source(
            repository=origin.repository,
            revision=origin.revision,
            applied_revision=self._applied(makers[-1]),
            applied_at=_finished(self._manifest),
            candidates=tuple(candidates),
        )

    def _candidate(self, number: int, origins: set[_Origin]) -> dict[str, Any]:
        one, files = self._listed[number], list(self._files(number))
        if {file.origin for file in files if file.origin is not None} - origins:
            raise _Unclear(f"source {number + 1} of {len(self._listed)} takes values files from another repository or revision")
        found = {
            "path": text(one, "path").strip("/"),
            "recurses": part(one, "directory", "recurse") is True,
            "helm": self._helm(number, files, address_of(text(one, "repoURL"))),
            "transformers": list(_transformers(one)),
        }
        return {name: value for name, value in found.items() if value}

    # --- Helm

    def _files(self, number: int) -> Iterator[_ValuesFile]:
        named = part(self._listed[number], "helm", "valueFiles")
        for name in map(str, named if isinstance(named, list) else ()):
            ref, slash, rest = name.partition("/")
            held = self._refs.get(ref.removeprefix("$")) if ref.startswith("$") and slash else None
            if "$" in (name if held is None else rest):
                raise _Unclear(f"the values file {name[:200]} has a variable ($) that is no ref of its sources")
            yield _ValuesFile(None, name) if held is None else _ValuesFile(_origin(held), f"/{rest}")

    def _helm(self, number: int, files: Sequence[_ValuesFile], repository: str) -> dict[str, Any] | None:
        """What Argo CD gives to Helm; None for a source of another tool."""
        one = self._listed[number]
        if self._type(number) != "Helm":
            return None
        omitted = part(one, "helm", "omitted")
        found = {
            "kind": "Application",
            "namespace": text(self._manifest, "metadata", "namespace"),
            "name": text(self._manifest, "metadata", "name"),
            "path": self._own.path if self._own is not None and self._own.repository == repository else "",
            "chart": text(one, "path").strip("/"),
            "release": text(one, "helm", "releaseName"),
            "targetNamespace": text(self._manifest, "spec", "destination", "namespace"),
            "valueFiles": [file.path for file in files],
            "ignoresMissing": part(one, "helm", "ignoreMissingValueFiles") is True,
            "omitted": [str(name) for name in omitted] if isinstance(omitted, list) else [],
            "generatedBy": _generator(self._manifest),
        }
        known = {name: value for name, value in found.items() if value}
        return known if len(self._listed) == 1 else known | {"sourceIndex": number}

    def _type(self, number: int) -> str:
        if len(self._listed) == 1:
            return text(self._manifest, "status", "sourceType")
        is_chart = bool(text(self._listed[number], "chart") or part(self._listed[number], "helm", "valueFiles"))
        return "Helm" if is_chart else _nth(part(self._manifest, "status", "sourceTypes"), number)

    def _applied(self, number: int) -> str:
        sync = part(self._manifest, "status", "sync")
        return text(sync, "revision") if len(self._listed) == 1 else _nth(part(sync, "revisions"), number)


def _origin(one: Mapping[str, Any]) -> _Origin:
    return _Origin(address_of(text(one, "repoURL")), text(one, "targetRevision"))


def _refs(listed: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The sources with a `ref`. Argo CD resolves none for a single source."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in listed if len(listed) > 1 else ():
        if (ref := text(one, "ref")) and (ref in found or text(one, "chart")):
            why = "more than one of its sources has" if ref in found else "a chart has"
            raise _Unclear(f"{why} the ref {ref[:100]}, which Argo CD does not accept")
        found |= {ref: one} if ref else {}
    return found


def _generator(manifest: Mapping[str, Any]) -> str:
    """The ApplicationSet that generates an Application, and undoes a change of its manifest."""
    owners = part(manifest, "metadata", "ownerReferences")
    for owner in owners if isinstance(owners, list) else ():
        if (text(owner, "kind"), text(owner, "apiVersion").partition("/")[0]) == _SET:
            return f"ApplicationSet {text(owner, 'name')}"
    return ""


def _transformers(one: Mapping[str, Any]) -> tuple[str, ...]:
    named = part(one, "kustomize", "omitted")
    return tuple(map(str, named)) if isinstance(named, list) else ()


def _finished(manifest: Mapping[str, Any]) -> str:
    return text(manifest, "status", "operationState", "finishedAt")


def _nth(listed: Any, number: int) -> str:
    found = listed[number] if isinstance(listed, list) and number < len(listed) else ""
    return found if isinstance(found, str) else ""
