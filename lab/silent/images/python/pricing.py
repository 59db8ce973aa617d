"""Reads its prices from a mounted file whenever the file changes, and keeps the last good ones."""

import json
import os
import time
from logging import getLogger
from pathlib import Path

from settings import EVERY

log = getLogger("pricing")
path, known = Path(os.environ["PRICES_FILE"]), None
while True:
    try:
        text = path.read_text()
        if text != known or os.environ.get("ALWAYS"):
            prices = json.loads(text)
            known = text
            log.info("loaded %d prices, currency %s", len(prices["items"]), prices["currency"])
    except (OSError, ValueError, KeyError):
        log.exception("price list not reloaded, keeping the last one")
    time.sleep(EVERY)
