"""Uses what the libraries will drop, so they warn; the work goes on."""

import asyncio
import datetime
import time
import warnings
from logging import getLogger

from settings import EVERY

log = getLogger("legacy")
while True:
    warnings.warn("parse_price() is deprecated and will raise an error in version 5; use Price.parse()", DeprecationWarning, stacklevel=1)
    asyncio.get_event_loop_policy()
    log.info("exported at %s: 120 rows, 0 errors, 0 failed, 0 rejected", datetime.datetime.utcnow())
    time.sleep(EVERY)
