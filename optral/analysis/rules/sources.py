"""Keys of Secrets and ConfigMaps from which a container reads the address or the credentials of a server. Their values are never read."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.model import Sentence
from optral.analysis.reading.case import Case, Container, cite
from optral.kube.addresses import ADDRESS_SETTING
from optral.terms.refs import ObjectRef

ADDRESS = ADDRESS_SETTING
CREDENTIAL = re.compile(r"PASS(?:WORD|WD|PHRASE)?|PWD|TOKEN|CREDENTIAL|USER(?:NAME)?|API_?KEY|SECRET", re.IGNORECASE)
PORT = re.compile(r"(?:^|[^A-Z])PORT$")
PASSWORD = re.compile(r"PASS|PWD|TOKEN|API_?KEY")
ANY = re.compile("")
_KINDS = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}


class Source(NamedTuple):
    """A variable, and the key of the object that it is read from."""

    variable: str
    ref: ObjectRef
    key: str
    evidence_id: str

    def sentence(self, words: str = "{setting} comes from key {key} of") -> Sentence:
        """Where the value comes from."""
        text = f"{words} {self.ref.kind} {{object}}, whose values are not read."
        return cite(text, self.evidence_id, setting=self.variable, key=self.key, object=self.ref.name)


def of_container(case: Case, container: Container, names: re.Pattern[str]) -> list[Source]:
    """The variables with a matching name, or with a key of one, that come from a Secret or ConfigMap; Secrets first."""
    found = [source for source in _variables(case, container) if names.search(source.variable.upper()) or names.search(source.key.upper())]
    return sorted(found, key=lambda source: source.ref.kind != "Secret")


def _variables(case: Case, container: Container) -> Iterator[Source]:
    pod = container.pod
    for index, variable in pod.indexed(f"{container.spec_path}.env"):
        chosen = variable.get("valueFrom")
        for field, kind in _KINDS.items():
            reference = chosen.get(field) if isinstance(chosen, dict) else None
            if isinstance(reference, dict) and reference.get("name") and reference.get("key"):
                shown = case.book.object(pod, f"{container.spec_path}.env[{index}]")
                ref = ObjectRef(kind, pod.namespace, str(reference["name"]))
                yield Source(str(variable.get("name")), ref, str(reference["key"]), shown)
