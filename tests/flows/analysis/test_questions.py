"""What a question to the model leaves behind when its server is killed."""

from collections import Counter
from typing import Any

import pytest

from optral.analysis import spending
from optral.analysis.engine.reasoner import Answered, Asking
from optral.analysis.model import Cost
from optral.flows.analysis.questions import Questions
from optral.terms.errors import Refused
from tests.api.conftest import Api, api as api
from tests.api.issues.test_model_questions import issue_of
from tests.support.asker import SECOND, Silent, killed_question, unchanged

USED = {"requests": 1, "inputTokens": 60, "outputTokens": 40}


class Quick(Silent):
    async def answer(self, _case: Any, _found: Any, _question: str, asking: Asking) -> Answered:
        asking.used.update(USED)
        return Answered(usage=USED)


@pytest.mark.parametrize(("daily", "monthly", "refusal"), [(1000, 0, "model_budget_used"), (10_000, 1000, "model_limit_reached")])
async def test_what_a_killed_server_reserved_is_free_again_and_never_while_the_question_can_run(
    api: Api, database_url: str, daily: int, monthly: int, refusal: str
) -> None:
    issue = await issue_of(api)
    await api.store.write(api.owner, lambda tx: spending.set_on(tx, Silent.destination))
    questions = Questions(api.store, Quick(), daily=Cost(tokens=daily), monthly_tokens=monthly, asked=Counter(), spent=Counter())

    with killed_question(database_url, api.org, api.owner.id, issue):
        with pytest.raises(Refused) as refused:
            await questions.answer(api.owner, issue, "Is it late?", check_rights=unchanged)
        assert refused.value.code == refusal
    api.clock.advance(60)
    with pytest.raises(Refused):
        await questions.answer(api.owner, issue, "Is it late?", check_rights=unchanged)
    api.clock.advance(120)
    assert await questions.answer(api.owner, issue, "Is it late?", check_rights=unchanged) is not None
    month = spending.month(api.clock.now())
    (mine,) = await api.store.read(api.owner, lambda tx: spending.usage(tx, month, limit=5))
    whole = tuple(SECOND[name] + USED[name] for name in ("requests", "inputTokens", "outputTokens"))
    today = await api.store.read(api.owner, spending.today)
    for one in (mine, today):
        assert (one.requests, one.input_tokens, one.output_tokens) == whole, "what the killed one had used stays counted"
    assert today.reserved.tokens == 0
