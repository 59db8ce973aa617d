"""What was captured when an issue opened, on a terminal."""

import asyncio
import json
from typing import Any

import pytest

from optral.analysis import model
from optral.cli.text import captured
from optral.store.store import Store
from tests.api.conftest import running
from tests.api.issues import test_captured
from tests.cli.test_commands import optral
from tests.support.clock import FakeClock

LOG = {"namespace": "shop", "pod": "api-1", "container": "app", "previous": True, "state": "captured", "capturedAt": "2026-01-01T00:00:00Z"}


def shown(answer: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    captured.render(answer)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"text": "one\n\ntwo\n"}, "  one\n\n  two\n"),
        ({"text": "two\n", "truncated": True}, "  (only the last lines were captured)\n  two\n"),
        ({"text": ""}, "(the container wrote nothing)"),
        ({"state": "wanted"}, "  not fetched yet\n"),
        ({"state": "wanted", "reason": "the agent is away"}, "not fetched yet: the agent is away"),
        ({"state": "failed", "reason": "there was no earlier run"}, "could not be fetched: there was no earlier run"),
        ({"state": "dropped", "reason": model.UNWANTED}, f"not requested: {model.UNWANTED}"),
    ],
)
def test_a_log_is_text_or_says_why_not(members: dict[str, Any], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in shown({"logs": [LOG | members]}, capsys)


def test_nothing_captured_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing was captured" in shown({"logs": [], "events": [], "changes": []}, capsys)


def test_lets_no_container_draw_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2Jgone\u202e\r\x07"
    about = {"kind": "Pod", "namespace": "shop", "name": evil}
    event = about | {"type": evil, "reason": evil, "message": evil, "count": 2, "lastAt": "x"}
    change = about | {"at": "x", "manager": evil, "diff": [{"path": evil, "op": "replace", "from": evil, "to": [evil]}]}
    text = shown({"logs": [LOG | {"text": evil, "pod": evil}], "events": [event], "changes": [change]}, capsys)
    assert not any(one in text for one in "\x1b\x07\r\u202e")


async def test_it_is_read_from_the_server(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        issue_id, _ = await test_captured.captured(api)
        words = ("issues", "captured", issue_id)
        text = await asyncio.to_thread(optral, *words, url=api.url, key=api.key)
        assert text.returncode == 0, text.stderr
        for said in (
            "previous run",
            "  OutOfMemoryError\n",
            "current run",
            "not fetched yet",
            "Warning BackOff x7",
            "image: shop/api:1.4.1 -> shop/api",
        ):
            assert said in text.stdout
        data = await asyncio.to_thread(optral, *words, "-o", "json", url=api.url, key=api.key)
        assert [one["state"] for one in json.loads(data.stdout)["logs"]] == ["captured", "wanted"]
        yaml = await asyncio.to_thread(optral, *words, "-o", "yaml", url=api.url, key=api.key)
        assert "state: wanted" in yaml.stdout
