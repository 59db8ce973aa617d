"""The models are what the contract says; an answer of an older server can still be read."""

import json

import msgspec
import pytest

from optral.client import models

ISSUE = {
    "id": "iss_1",
    "type": "OOMKilled",
    "severity": "critical",
    "status": "open",
    "cluster": "production",
    "resource": "api-0",
    "namespace": None,
    "detectedAt": "2026-01-15T12:00:00Z",
    "hasAnalysis": False,
}


def test_an_answer_of_an_older_server_lacks_members_and_one_of_a_newer_server_has_more() -> None:
    found = msgspec.json.decode(json.dumps(ISSUE | {"unheardOf": 1}), type=models.Issue)
    assert (found.detected_at, found.labels, found.snooze, found.comment_count) == ("2026-01-15T12:00:00Z", {}, None, 0)


@pytest.mark.parametrize("model", [models.Issue, models.Issues, models.Cluster, models.CreatedKey, models.Enrollment])
def test_another_object_is_no_answer(model: type[models.Shape]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"unheardOf": 1}', type=model)
