"""A second server, in a process of its own, that a test kills while a question waits for the model.

`python -m tests.support.asker URL ORG PERSON ISSUE` asks as the person and prints `asking` when the model has that. The model
answers its first request, and never the second.
"""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from optral.access.model import SCOPES
from optral.analysis.engine.reasoner import Asking
from optral.analysis.model import Cost
from optral.flows.analysis.questions import Questions
from optral.server import schema
from optral.store.postgres import PostgresStore
from optral.store.sqlite import SqliteStore
from optral.store.store import Store
from optral.terms import actor
from optral.terms.actor import Role
from optral.terms.ids import OrgId, UserId
from tests.support.clock import FakeClock

MOST = Cost(tokens=600, money=Decimal("0.25"))
FIRST = {"requests": 1, "inputTokens": 50, "outputTokens": 100}
SECOND = {"requests": 2, "inputTokens": 120, "outputTokens": 110}
"""What is used at most after each request. The first answer was shorter than it might have been."""


class Silent:
    """A model that is on, and answers once but not a second time."""

    model, destination, most, deadline_s = "silent", "http://127.0.0.1:9", MOST, 25.0

    async def answer(self, _case: Any, _found: Any, _question: str, asking: Asking) -> Any:
        await asking.before_request(FIRST)
        await asking.before_request(SECOND)
        print("asking", flush=True)
        await asyncio.Event().wait()

    async def draft(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


@contextmanager
def killed_question(url: str, org: str, person: str, issue: str) -> Iterator[None]:
    """Within: the question waits for the model. Afterwards, its server is gone by SIGKILL."""
    command = [sys.executable, "-m", "tests.support.asker", url, org, person, issue]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "asking\n"
        yield
    finally:
        process.kill()
        process.communicate()


async def unchanged() -> None:
    """The rights of the person have not changed."""


async def run(url: str, org: OrgId, person: UserId, issue: str) -> None:
    schema.gather()
    clock = FakeClock()
    store: Store
    if url.startswith("sqlite"):
        store = SqliteStore.open(Path(url.removeprefix("sqlite:///")), clock, lock=False)
    else:
        store = PostgresStore.open(url, clock)
    questions = Questions(store, Silent(), daily=Cost(tokens=1000), monthly_tokens=1000, asked=Counter(), spent=Counter())
    who = actor.person(org, person, scopes=SCOPES, role=Role.OWNER)
    await questions.answer(who, issue, "Is the coffee ready?", check_rights=unchanged)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], OrgId(sys.argv[2]), UserId(sys.argv[3]), sys.argv[4]))
