"""Whoever asks for the contract keeps nobody else waiting."""

import asyncio
import json
import threading

import yaml

from optral.api.http.contract_texts import ContractTexts
from optral.api.http.openapi_schema import Json

DOCUMENT: Json = {"openapi": "3.0.3", "paths": {"/v1/me": {}}}


async def test_each_text_is_written_once_and_never_on_the_event_loop() -> None:
    threads: list[int] = []

    def document() -> Json:
        threads.append(threading.get_ident())
        return DOCUMENT

    texts = ContractTexts(document)
    answers = await asyncio.gather(*(texts.json() for _ in range(5)), *(texts.yaml() for _ in range(5)))
    assert [json.loads(text) for text in answers[:5]] == [DOCUMENT] * 5
    assert [yaml.safe_load(text) for text in answers[5:]] == [DOCUMENT] * 5
    assert len(threads) == 2
    assert threading.get_ident() not in threads
