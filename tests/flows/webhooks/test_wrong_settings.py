"""Each form with each setting that it cannot work with: it is refused when it is created, and the answer says what to enter."""

from typing import Any

import pytest

from optral.flows.webhooks import manage as flow
from optral.terms.errors import Invalid
from optral.webhooks.model import ALERTS_PATH, Credentials, Form, WebhookSettings
from optral.webhooks.ticket_template import TicketTemplate
from tests.flows.webhooks.deliveries import KEY as SEAL, World
from tests.flows.webhooks.test_tickets import GITHUB, JIRA
from tests.support.sqlite_alone import engine_name as engine_name

HOOK, KEY, APP = "https://hooks.example.com/T0", Credentials(token="key"), Credentials(token="xoxb-1", app_token="xapp-1")
URLS: list[tuple[dict[str, Any], str]] = [
    ({"url": url}, "https://")
    for url in ("", "hooks.example.com", "ftp://example.com", "https://a:b@example.com/", "https://example.com/#a")
]
BOTH: list[tuple[dict[str, Any], str]] = [
    ({"credentials": Credentials(token="t", username="u", password="p")}, "either a token, or a username and a password"),
    ({"credentials": Credentials(username="u")}, "give a username without a colon, and a password"),
    ({"credentials": Credentials(app_token="xapp-1", token="t")}, "only the form slack-app has an appToken"),
]
RIGHT: dict[Form, dict[str, Any]] = {
    Form.JSON: {"url": HOOK},
    Form.SLACK: {"url": HOOK},
    Form.TEAMS: {"url": HOOK},
    Form.EMAIL: {"url": "mailto:ops@example.com"},
    Form.ALERTS: {"url": f"https://alerts.example.com{ALERTS_PATH}"},
    Form.PAGERDUTY: {"credentials": KEY},
    Form.JSM: {"credentials": KEY},
    Form.SLACK_APP: {"credentials": APP, "channel": "C0123456789"},
    Form.TICKET: {"url": GITHUB, "credentials": KEY},
}
WRONG: dict[Form, list[tuple[dict[str, Any], str]]] = {
    Form.JSON: [*URLS, *BOTH, ({"channel": "C0123456789"}, "slack-app"), ({"ticket": TicketTemplate(title="a")}, "only the form ticket")],
    Form.SLACK: [*URLS, *BOTH],
    Form.TEAMS: [*URLS, *BOTH],
    Form.EMAIL: [({"url": HOOK}, "mailto:ops@example.com"), ({"url": "mailto:"}, "address"), ({"url": "mailto:ops"}, "address")],
    Form.ALERTS: [*URLS, *BOTH, ({"url": HOOK}, ALERTS_PATH), ({"escalation_minutes": 5}, "leave out")],
    Form.PAGERDUTY: [({"credentials": None}, "integration key"), ({"url": "pager"}, "https://")],
    Form.JSM: [({"credentials": None}, "integration key"), ({"url": "jsm"}, "https://")],
    Form.SLACK_APP: [
        ({"channel": None}, "such as C0123456789"),
        ({"channel": "#ops"}, "such as C0123456789"),
        ({"credentials": None}, "begins with xoxb-"),
        ({"credentials": Credentials(token="xoxp-1")}, "begins with xoxb-"),
        ({"credentials": Credentials(token="xoxb-1", app_token="a")}, "begins with xapp-"),
    ],
    Form.TICKET: [
        *URLS,
        *BOTH,
        ({"credentials": None}, "tickets need a token"),
        ({"url": "https://github.com/shop/ops"}, "https://api.github.com/repos/OWNER/NAME/issues"),
        ({"url": JIRA + "-1"}, "/rest/api/2/project/KEY"),
        ({"url": JIRA.removesuffix("OPS")}, "/rest/api/2/project/KEY"),
    ],
}


async def create(world: World, form: Form, **given: Any) -> None:
    more = RIGHT[form] | given
    url, credentials = more.pop("url", None), more.pop("credentials", None)
    wanted = WebhookSettings(name="on-call", form=form, **more)
    await world.store.write(world.owner, lambda tx: flow.create(tx, wanted, key=SEAL, url=url, credentials=credentials))


@pytest.mark.parametrize("form", Form)
async def test_a_wrong_setting_is_refused_with_what_to_enter(world: World, form: Form) -> None:
    await create(world, form)
    for wrong, says in WRONG[form]:
        with pytest.raises(Invalid) as refused:
            await create(world, form, **wrong)
        assert says in refused.value.say, (wrong, refused.value.say)
