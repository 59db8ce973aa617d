"""Keys of Secrets and ConfigMaps from which a container reads the address or the credentials of a server. Their values are never read."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.model import Sentence
from optral.analysis.reading.case import Case, Container, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.kube.addresses import ADDRESS_SETTING
from optral.terms.refs import ObjectRef

ADDRESS = ADDRESS_SETTING
CREDENTIAL = re.compile(r"PASS(?:WORD|WD|PHRASE)?|PWD|TOKEN|CREDENTIAL|USER(?:NAME)?|API_?KEY|SECRET", re.IGNORECASE)
PORT = re.compile(r"(?:^|[^A-Z])PORT$")
PASSWORD = re.compile(r"PASS|PWD|TOKEN|API_?KEY")
ANY = re.compile("")
_KINDS = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}
_WHOLE = (("secretRef", "Secret", "name"), ("configMapRef", "ConfigMap", "name"))
_VOLUMES = (("secret", "Secret", "secretName"), ("configMap", "ConfigMap", "name"))


class Source(NamedTuple):
    """A variable, and the key of the object that it is read from; both are empty where all keys of the object are read."""

    variable: str
    ref: ObjectRef
    key: str
    evidence_id: str

    def sentence(self, words: str = "{setting} comes from key {key} of") -> Sentence:
        """Where the value comes from."""
        if not self.key:
            return cite(
                f"It reads all keys of {self.ref.kind} {{object}}, whose values are not read.", self.evidence_id, object=self.ref.name
            )
        text = f"{words} {self.ref.kind} {{object}}, whose values are not read."
        return cite(text, self.evidence_id, setting=self.variable, key=self.key, object=self.ref.name)

    @property
    def names(self) -> tuple[str, str, str]:
        """What tells which server it is about."""
        return self.variable, self.key, self.ref.name


def every(case: Case, container: Container) -> list[Source]:
    """All Secrets and ConfigMaps that a container reads: single keys, all keys as variables, and volumes."""
    return list(case.once(_every, container.pod, container.spec_path))


def _every(case: Case, pod: SnapshotObject, path: str) -> list[Source]:
    return [*_variables(case, pod, path), *_of_all_keys(case, pod, path)]


def _of_all_keys(case: Case, pod: SnapshotObject, path: str) -> Iterator[Source]:
    mounted = {mount.get("name") for mount in pod.many(f"{path}.volumeMounts")}
    volumes = ((f"spec.volumes[{index}]", one) for index, one in pod.indexed("spec.volumes") if one.get("name") in mounted)
    whole = ((f"{path}.envFrom[{index}]", one) for index, one in pod.indexed(f"{path}.envFrom"))
    for places, members in ((whole, _WHOLE), (volumes, _VOLUMES)):
        for place, entry in places:
            for member, kind, name in members:
                chosen = entry.get(member)
                if isinstance(chosen, dict) and chosen.get(name):
                    yield Source("", ObjectRef(kind, pod.namespace, str(chosen[name])), "", case.book.object(pod, place))


def of_container(case: Case, container: Container, names: re.Pattern[str]) -> list[Source]:
    """The variables with a matching name, or with a key of one, that come from a Secret or ConfigMap; Secrets first."""
    keyed = (source for source in every(case, container) if source.key)
    found = [source for source in keyed if names.search(source.variable.upper()) or names.search(source.key.upper())]
    return sorted(found, key=lambda source: source.ref.kind != "Secret")


def _variables(case: Case, pod: SnapshotObject, path: str) -> Iterator[Source]:
    for index, variable in pod.indexed(f"{path}.env"):
        chosen = variable.get("valueFrom")
        for field, kind in _KINDS.items():
            reference = chosen.get(field) if isinstance(chosen, dict) else None
            if isinstance(reference, dict) and reference.get("name") and reference.get("key"):
                shown = case.book.object(pod, f"{path}.env[{index}]")
                ref = ObjectRef(kind, pod.namespace, str(reference["name"]))
                yield Source(str(variable.get("name")), ref, str(reference["key"]), shown)
