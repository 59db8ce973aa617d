"""The tables and the folders of the silent faults say the same, and each answer names objects that the case has."""

import json

import pytest

from lab.silent import certificates, generate, policies
from lab.silent.case import FAULTS, HEALTHY, Fault


def test_folders_are_those_of_the_tables() -> None:
    for kind, cases in {"faults": FAULTS, "healthy": HEALTHY}.items():
        assert {path.name for path in (generate.HERE / kind).iterdir()} == {case.name for case in cases}
    for case in FAULTS:
        assert json.loads((generate.HERE / "faults" / case.name / "expect.json").read_text()) == generate.expected(case)


@pytest.mark.parametrize("case", [FAULTS[0], HEALTHY[0]], ids=lambda case: case.name)
def test_a_manifest_is_that_of_the_table(case: Fault) -> None:
    kind = "faults" if case in FAULTS else "healthy"
    assert (generate.HERE / kind / case.name / "manifest.yaml").read_text() == generate.manifest(case)


def test_answers_name_objects_of_the_case() -> None:
    for case in FAULTS:
        objects = {f"{one['kind']}/{one['metadata']['name']}" for one in case.objects}
        assert {case.owner, case.root, *case.accept} <= objects, case.name


def test_namespaces_are_not_shared() -> None:
    names = [case.namespace for case in (*FAULTS, *HEALTHY)]
    assert len(set(names)) == len(names) == 100


def test_places_of_certificates_are_filled() -> None:
    filled = certificates.fill(
        {"data": ["{{ca issuer=shop}}", "{{crt issuer=shop name=web days=-2}}", "{{key issuer=shop name=web days=-2}}"]}
    )
    assert [text.split("\n")[0] for text in filled["data"]] == [
        f"-----BEGIN {word}-----" for word in ("CERTIFICATE",) * 2 + ("PRIVATE KEY",)
    ]


def test_a_policy_drops_what_it_does_not_allow() -> None:
    def pod(name: str, address: str) -> dict:
        return {"metadata": {"namespace": "shop", "labels": {"app": name}}, "spec": {}, "status": {"podIP": address}}

    policy = {
        "metadata": {"namespace": "shop"},
        "spec": {
            "podSelector": {"matchLabels": {"app": "points"}},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "portal"}}}], "ports": [{"port": 8080}]}],
        },
    }
    lines = list(policies.rules([policy], [pod("points", "10.0.0.1"), pod("portal", "10.0.0.2"), pod("other", "10.0.0.3")]))
    assert [line.split()[2:4] + line.split()[-1:] for line in lines[2:]] == [["-d", "10.0.0.1", "RETURN"], ["-d", "10.0.0.1", "DROP"]]
    assert "-s 10.0.0.2 -p tcp --dport 8080" in lines[2]
