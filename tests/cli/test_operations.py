"""Every operation of the API has a command, or a reason here why it has none.

Which operations a command performs is read from the sources: the methods of `optral.client` that a module of `optral.cli` uses, and the
requests that these methods send.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

CLIENT, COMMANDS = Path("optral/client"), Path("optral/cli")
SENDS = {"get": "GET", "text": "GET", "call": None}
"""Methods of `Http`, and the HTTP method of each; None if it is the first argument."""

IN_THE_BROWSER = "a person does it in the browser, with a link or a code"
OF_A_PERSON = "it is about the person who is signed in; a command signs in for one request only"
OF_PROGRAMS = "programs read it"
NOT_COMMANDS = {
    "GET /v1/analyses/{analysis_id}/feedback": "`optral analyses get -o json` has the counts and your own vote",
    "POST /v1/assistants/approve": IN_THE_BROWSER,
    "POST /v1/assistants/check": IN_THE_BROWSER,
    "POST /v1/clusters/{cluster_id}/enrollment-tokens": "`optral clusters install` creates a token together with the command that uses it",
    "POST /v1/device/approve": IN_THE_BROWSER,
    "POST /v1/device/check": IN_THE_BROWSER,
    "POST /v1/device/deny": IN_THE_BROWSER,
    "POST /v1/events/tickets": "for browsers, which cannot send a key with a stream",
    "POST /v1/hooks/alertmanager/{receiver_id}": OF_PROGRAMS,
    "POST /v1/hooks/alerts/{receiver_id}": OF_PROGRAMS,
    "POST /v1/hooks/forges/{forge_id}": OF_PROGRAMS,
    "POST /v1/hooks/identity-providers/{provider_id}": OF_PROGRAMS,
    "POST /v1/hooks/on-call/{webhook_id}": OF_PROGRAMS,
    "POST /v1/hooks/{trigger_id}": OF_PROGRAMS,
    "POST /v1/invites/accept": IN_THE_BROWSER,
    "POST /v1/password-resets": IN_THE_BROWSER,
    "POST /v1/password-resets/check": IN_THE_BROWSER,
    "POST /v1/password-resets/complete": IN_THE_BROWSER,
    "POST /v1/invites/check": IN_THE_BROWSER,
    "GET /v1/me/notifications": OF_A_PERSON,
    "PUT /v1/me/notifications": OF_A_PERSON,
    "GET /v1/openapi.json": OF_PROGRAMS,
    "GET /v1/openapi.yaml": OF_PROGRAMS,
    "GET /v1/plan": "programs that must not exceed its rate limit, which is also a header of every response",
    "POST /v1/runbooks/{runbook_id}/plan": "`optral mcp` plans with it; a person uses `optral runbooks execute`",
    "GET /v1/session": OF_A_PERSON,
    "POST /v1/session/confirm": OF_A_PERSON,
    "POST /v1/session/confirm/provider": IN_THE_BROWSER,
    "POST /v1/session/confirm/provider/callback": IN_THE_BROWSER,
    "POST /v1/session/password": OF_A_PERSON,
    "POST /v1/session/provider": IN_THE_BROWSER,
    "POST /v1/session/provider/callback": IN_THE_BROWSER,
    "POST /v1/session/providers": IN_THE_BROWSER,
    "GET /v1/sessions": OF_A_PERSON,
    "DELETE /v1/sessions": OF_A_PERSON,
    "DELETE /v1/sessions/{session_id}": OF_A_PERSON,
    "POST /v1/setup": IN_THE_BROWSER,
    "POST /v1/setup/check": IN_THE_BROWSER,
}


class Sent(NamedTuple):
    """A request of a method of the client. In `path`, `{}` is an id, and `{name}` the argument of this name."""

    method: str
    path: str
    arguments: tuple[str, ...]


def operations() -> set[str]:
    """`GET /v1/issues/{issue_id}` for each operation of the contract."""
    paths = json.loads(Path("contracts/openapi.json").read_text())["paths"]
    return {
        f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in ("get", "post", "put", "patch", "delete")
    }


def requests() -> dict[tuple[str, str], list[Sent]]:
    """By resource and method of the client, such as `("issues", "list")`; those of the client itself have the resource ""."""
    modules = [ast.parse(path.read_text()) for path in (CLIENT / "endpoints").glob("*.py")]
    classes = {one.name: one for module in modules for one in module.body if isinstance(one, ast.ClassDef)}
    client = next(
        one for one in ast.parse((CLIENT / "client.py").read_text()).body if isinstance(one, ast.ClassDef) and one.name == "Client"
    )
    found = {("", one.name): list(sent_by(one)) for one in client.body if isinstance(one, ast.FunctionDef)}
    for target, name in re.findall(r"self\.(\w+) = (\w+)\(self\._http\)", (CLIENT / "client.py").read_text()):
        found |= {(target, one.name): list(sent_by(one)) for one in classes[name].body if isinstance(one, ast.FunctionDef)}
    return found


def sent_by(function: ast.FunctionDef) -> Iterator[Sent]:
    local = {
        target.id: one.value
        for one in ast.walk(function)
        if isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None
        for target in ([one.target] if isinstance(one, ast.AnnAssign) else one.targets)
        if isinstance(target, ast.Name)
    }
    arguments = tuple(one.arg for one in function.args.args[1:])
    for call in ast.walk(function):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "self._http"):
            continue
        if call.func.attr not in SENDS:
            continue
        method = SENDS[call.func.attr] or str(ast.literal_eval(call.args[0]))
        path = call.args[0 if SENDS[call.func.attr] else 1]
        path = local[path.id] if isinstance(path, ast.Name) else path
        for text in texts_of(path, local):
            yield Sent(method, text, arguments)


def texts_of(path: ast.expr, local: dict[str, ast.expr]) -> list[str]:
    """The path, once for each text that a local name in it can have."""
    texts = [""]
    for part in path.values if isinstance(path, ast.JoinedStr) else [path]:
        if isinstance(part, ast.Constant):
            values = [str(part.value)]
        else:
            assert isinstance(part, ast.FormattedValue)
            inner = part.value
            if isinstance(inner, ast.Name) and inner.id in local:
                values = [str(one.value) for one in ast.walk(local[inner.id]) if isinstance(one, ast.Constant)]
            else:
                values = ["{" + inner.id + "}" if isinstance(inner, ast.Name) else "{}"]
        texts = [before + value for before in texts for value in values]
    return texts


def used() -> dict[tuple[str, str], list[list[str | None]]]:
    """The methods of the client that commands call, with the texts among the arguments of each call."""
    found: dict[tuple[str, str], list[list[str | None]]] = {}
    names = {resource for resource, _ in requests()}
    for module in COMMANDS.rglob("*.py"):
        for one in ast.walk(ast.parse(module.read_text())):
            if not (isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)):
                continue
            owner = one.func.value
            resource = owner.attr if isinstance(owner, ast.Attribute) and owner.attr in names else ""
            texts = [str(each.value) if isinstance(each, ast.Constant) else None for each in one.args]
            found.setdefault((resource, one.func.attr), []).append(texts)
    return found


def performed() -> set[str]:
    """The operations that some command performs."""
    known, calls = requests(), used()
    found = {"POST /v1/session", "DELETE /v1/session", "GET /v1/events/stream"}  # `Http.sign_in`, `Http.close`, `stream.follow`
    for key, given in calls.items():
        for sent in known.get(key, ()):
            for texts in given:
                words = dict(zip(sent.arguments, texts, strict=False))
                path = re.sub(r"{(\w+)}", lambda name, words=words: words.get(name[1]) or "{}", sent.path)
                found |= {one for one in operations() if fits(f"{sent.method} {path}", one)}
    return found


def fits(sent: str, operation: str) -> bool:
    return re.sub(r"{\w*}", "{}", sent) == re.sub(r"{\w*}", "{}", operation)


def test_every_operation_has_a_command_or_a_reason_why_not() -> None:
    assert operations() - performed() == set(NOT_COMMANDS)


@pytest.mark.slow
def test_the_sources_are_read_as_they_are_meant() -> None:
    known = requests()
    assert known["issues", "analyze"] == [Sent("POST", "/v1/issues/{}/analyze", ("issue_id",))]
    assert [one.path for one in known["clusters", "decide"]] == ["/v1/clusters/{}/approve", "/v1/clusters/{}/reject"]
    assert known["executions", "decide"] == [Sent("POST", "/v1/executions/{}/{word}", ("execution_id", "word"))]
    assert "POST /v1/executions/{execution_id}/undo" in performed()
    assert "POST /v1/executions/{execution_id}/approve-on-behalf" in performed()
