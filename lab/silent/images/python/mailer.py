"""Consumes or publishes messages of a RabbitMQ queue."""

import os
import time
from logging import getLogger

import pika
from settings import EVERY

log = getLogger("mailer")
getLogger("pika").setLevel(os.environ.get("PIKA_LEVEL", "WARNING"))


def consume(channel: pika.channel.Channel, queue: str) -> None:
    channel.queue_declare(queue, passive=True)
    log.info("waiting for messages of %s", queue)
    for method, _, body in channel.consume(queue, inactivity_timeout=20):
        if method is None:
            continue
        log.info("mail sent: %s", body.decode())
        channel.basic_ack(method.delivery_tag)


def publish(channel: pika.channel.Channel, queue: str) -> None:
    channel.queue_declare(queue, durable=True)
    channel.confirm_delivery()
    while True:
        channel.basic_publish("", queue, b"order confirmed " * 200)
        log.info("queued for %s", queue)
        time.sleep(EVERY)


while True:
    try:
        parameters = pika.URLParameters(os.environ["AMQP_URL"])
        parameters.blocked_connection_timeout = 10
        work = publish if os.environ.get("ROLE") == "publisher" else consume
        work(pika.BlockingConnection(parameters).channel(), os.environ["QUEUE"])
    except (pika.exceptions.AMQPError, OSError):
        log.exception("broker connection lost, trying again")
        time.sleep(EVERY)
