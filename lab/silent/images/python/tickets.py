"""Prints the subjects of support tickets as they arrive: what people write is data, not the state of this program."""

import time
from itertools import cycle
from logging import getLogger

from settings import EVERY

log = getLogger("tickets")
SUBJECTS = (
    'FATAL: password authentication failed for user "anna" - what does it mean?',
    "I get connection refused when I open the app at home",
    "Error 500 on checkout last Friday, solved since",
    "java.lang.OutOfMemoryError in the desktop client, please call back",
    "certificate has expired warning in my browser",
)
for number, subject in enumerate(cycle(SUBJECTS)):
    log.info("ticket %d filed, subject=%r", 4000 + number, subject)
    time.sleep(EVERY)
