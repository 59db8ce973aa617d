"""Reads stock levels from MySQL or MariaDB."""

import os
import time
from logging import getLogger

import pymysql
from settings import EVERY

log = getLogger("stock")
while True:
    try:
        connection = pymysql.connect(
            host=os.environ["MYSQL_HOST"],
            user=os.environ["MYSQL_USER"],
            password=os.environ["MYSQL_PASSWORD"],
            database=os.environ["MYSQL_DATABASE"],
            connect_timeout=5,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM stock")
            log.info("stock levels: %s", cursor.fetchone()[0])
    except pymysql.MySQLError:
        log.exception("stock levels not refreshed")
    time.sleep(EVERY)
