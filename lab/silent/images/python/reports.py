"""Writes a report file again and again, and keeps the newest ones that KEEP allows."""

import os
import time
from itertools import count
from logging import getLogger
from pathlib import Path

from settings import EVERY

log = getLogger("reports")
folder, size, keep = Path(os.environ["REPORTS"]), int(os.environ.get("REPORT_BYTES", "600000")), int(os.environ.get("KEEP", "100000"))
for number in count():
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"report-{number:06}.csv"
        target.write_bytes(b"1;2;3\n" * (size // 6))
        (folder / f"report-{number - keep:06}.csv").unlink(missing_ok=True)
        log.info("wrote %s", target)
    except OSError:
        log.exception("report %d not written", number)
    time.sleep(EVERY)
