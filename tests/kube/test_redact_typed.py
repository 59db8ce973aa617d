"""The cheap check says that nothing is masked only where the redactor masks nothing, whatever a field holds."""

import base64
import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest

from optral.kube.kinds import BY_ID
from optral.kube.objects import Deployment, EndpointSlice, Event, Job, KubeObject, Pod, ReplicaSet, decode
from optral.kube.redact import Redactor
from optral.kube.redact_templates import WORKLOADS, Workload, redact_workload
from optral.kube.redact_typed import CHECKED, PlainCheck

SALT = b"a salt of 16 byte"
TEXTS = {
    "assigned": "password=correct-horse-battery-1",
    "prose": "token: 7f3a9c2d1e8b4f60",
    "base64": base64.b64encode(b"password=correct-horse").decode(),
    "json": '{"password": "correct-horse-battery"}',
    "long": "a b " * 300,
    "plain": "connection refused by checkout",
    "name": "checkout-7d4f8b9c6-x2x4z",
}
KEYS = ["db_password", "apiToken", "env", "args", "caBundle", "cookie", "app"]


def places(kind: Any) -> Iterator[tuple[str | int, ...]]:
    """The path of every text in a value of this type; "*" is the value under any key."""
    origin = get_origin(kind)
    if origin is Annotated or origin in (Union, types.UnionType):
        for one in get_args(kind)[: 1 if origin is Annotated else None]:
            yield from places(one)
    elif origin is tuple:
        yield from ((0, *rest) for rest in places(get_args(kind)[0]))
    elif origin is dict:
        yield from (("*", *rest) for rest in places(get_args(kind)[1]))
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield from ((field.encode_name, *rest) for rest in places(field.type))
    elif kind is str:
        yield ()


def planted(path: tuple[str | int, ...], text: str, *, key: str = "app") -> Any:
    """JSON with this text at this place and nothing else."""
    if not path:
        return text
    inner = planted(path[1:], text, key=key)
    return [inner] if path[0] == 0 else {key if path[0] == "*" else path[0]: inner}


def manifests_with(path: tuple[str | int, ...]) -> Iterator[bytes]:
    for text in TEXTS.values():
        for key in KEYS if "*" in path else KEYS[:1]:
            yield msgspec.json.encode(planted(path, text, key=key))


def is_left_alone(obj: KubeObject) -> bool:
    raw = msgspec.json.encode({"metadata": {}} | msgspec.to_builtins(obj))
    return Redactor(SALT).redact(BY_ID[obj.kind], raw).endswith(raw[1:])


@pytest.mark.parametrize("cls", [Pod, *CHECKED])
def test_is_never_sure_of_an_object_that_redaction_changes(cls: type[KubeObject]) -> None:
    check, changed, sure = PlainCheck(Redactor(SALT)), 0, 0
    for path in places(cls):
        for obj in (decode(cls.kind, raw) for raw in manifests_with(path)):
            left_alone, is_plain = is_left_alone(obj), check.is_plain(obj)
            assert left_alone or not is_plain, (path, obj)
            changed, sure = changed + (not left_alone), sure + is_plain
    assert changed > 50, "the texts of this test are not what the redactor looks for"
    assert sure > 50, "the check is never sure, so it saves nothing"


def test_answers_the_same_when_it_remembers_the_shared_part() -> None:
    check = PlainCheck(Redactor(SALT))
    for text in (TEXTS["plain"], TEXTS["assigned"], TEXTS["plain"]):
        pods = [decode("Pod", msgspec.json.encode({"metadata": {"name": name, "labels": {"app": text}}})) for name in ("a", "b")]
        assert [check.is_plain(pod) for pod in pods] == [text == TEXTS["plain"]] * 2


def test_leaves_kinds_with_variables_and_arguments_to_the_redactor() -> None:
    """A Job has `env` and `args`, which are masked whatever they hold."""
    assert not PlainCheck(Redactor(SALT)).is_plain(Job())
    masked = {"env", "args", "command", "data", "stringData", "binaryData", "value", "caBundle"}
    for cls in (Pod, *CHECKED):
        assert not {step for path in places(cls) for step in path} & masked


def redacted(cls: type[KubeObject], raw: bytes) -> KubeObject:
    return decode(cls.kind, Redactor(SALT).redact(BY_ID[cls.kind], raw))


def variables(**values: str) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"env": [{"name": name, "value": value} for name, value in values.items()]}]}}}}


@pytest.mark.parametrize("cls", WORKLOADS)
def test_redacts_a_workload_as_the_redactor_does_or_leaves_it_to_it(cls: type[Workload]) -> None:
    redactor, masked, unsure = Redactor(SALT), 0, 0
    for path in places(cls):
        for raw in manifests_with(path):
            obj = decode(cls.kind, raw)
            assert isinstance(obj, cls)
            found, wanted = redact_workload(redactor, obj), redacted(cls, raw)
            assert found is None or found == wanted, (path, obj)
            masked, unsure = masked + (found is not None and wanted != obj), unsure + (found is None)
    assert masked > 30, "no place of this workload is redacted"
    assert unsure > 30, "the texts of this test raise no doubt"


@pytest.mark.parametrize(
    "manifest",
    [
        variables(DB_PASSWORD="correct-horse-battery", DB_HOST="db.shop.svc:5432", LOG_LEVEL="info", EMPTY=""),
        variables(DB_URL="postgres://shop:correct-horse@db:5432/shop", PIN="1234"),
        {"spec": {"template": {"spec": {"containers": [{"args": ["--password", "correct-horse", "--port=80", "--token=abcdefgh"]}]}}}},
        {
            "spec": {
                "template": {"spec": {"automountServiceAccountToken": True, "initContainers": [{"command": ["run", "--pwd=hunter22"]}]}}
            }
        },
    ],
    ids=str,
)
def test_redacts_variables_and_arguments_without_doubt(manifest: dict[str, Any]) -> None:
    raw = msgspec.json.encode(manifest)
    obj = decode("Deployment.apps", raw)
    assert isinstance(obj, Deployment)
    found = redact_workload(Redactor(SALT), obj)
    assert found == redacted(Deployment, raw) and b"correct-horse" not in msgspec.json.encode(found)


def test_answers_for_many_pods_at_once() -> None:
    pods = [decode("Pod", msgspec.json.encode({"metadata": {"name": f"checkout-{number}"}})) for number in range(3)]
    secretive = decode("Pod", msgspec.json.encode({"status": {"message": TEXTS["prose"]}}))
    check = PlainCheck(Redactor(SALT))
    assert check.are_plain([pod for pod in pods if isinstance(pod, Pod)])
    assert isinstance(secretive, Pod) and not check.are_plain([secretive])
    assert not check.is_plain(secretive)


@pytest.mark.parametrize("obj", [Pod(), ReplicaSet(), Event(), EndpointSlice()])
def test_is_sure_of_an_empty_object(obj: KubeObject) -> None:
    assert PlainCheck(Redactor(SALT)).is_plain(obj)
