"""Attempts to connect, as flows record and read them. The rules about them are in connection.py."""

from optral.clusters import attempts_repository
from optral.clusters.attempts_repository import hinted as hinted, newest_token_at as newest_token_at, record as record

attempts = attempts_repository.find
