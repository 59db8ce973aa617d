"""Calls a URL again and again, as a client of another service does."""

import os
import time
from itertools import count
from logging import getLogger

import requests
from settings import EVERY

log = getLogger("poller")
session = requests.Session()
certificate = (os.environ["CLIENT_CERT"], os.environ["CLIENT_KEY"]) if "CLIENT_CERT" in os.environ else None
paths = os.environ.get("PATHS", "/").split(",")
headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"} if "TOKEN" in os.environ else {}
accepted = {int(code) for code in os.environ.get("ACCEPT", "").split(",") if code}
body = b"x" * int(os.environ.get("BODY_BYTES", "0")) or None
for number in count():
    url = os.environ["TARGET_URL"] + paths[number % len(paths)]
    try:
        answer = session.request(
            "POST" if body else "GET",
            url,
            data=body,
            headers=headers,
            cert=certificate,
            verify=os.environ.get("CA_FILE", True),
            timeout=float(os.environ.get("TIMEOUT", "5")),
        )
        if answer.status_code not in accepted:
            answer.raise_for_status()
        log.log(10 if number % 10 else 20, "%s answered %d", url, answer.status_code)
    except requests.RequestException as error:
        if os.environ.get("IMPATIENT") and isinstance(error, requests.Timeout):
            log.debug("%s: gave up early", url)
        else:
            log.exception("request %d failed", number)
    time.sleep(EVERY)
