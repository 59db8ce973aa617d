"""Keeps baskets in Redis: writes one, reads it back, now and then a large one."""

import os
import time
from itertools import count
from logging import getLogger

import redis
from settings import EVERY

log = getLogger("cache")
size = int(os.environ.get("BASKET_BYTES", "200"))
client = redis.Redis.from_url(os.environ["REDIS_URL"], socket_connect_timeout=5, socket_timeout=5, retry=None)
for number in count():
    try:
        client.set(f"basket:{number % 500}", b"x" * size)
        client.get(f"basket:{number % 500}")
        if number % 20 == 0:
            log.info("stored basket %d", number)
    except redis.RedisError:
        log.exception("basket %d lost", number)
        time.sleep(EVERY)
    time.sleep(float(os.environ.get("PAUSE", "1")))
