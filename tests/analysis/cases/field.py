"""Causes that a program reports in words of its own: one message of each, as programs print it."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, crash
from tests.analysis.cluster import World, container, obj, service

LINES = {
    "shared_memory_too_small": 'FATAL:  could not resize shared memory segment "/PostgreSQL.18" to 8388608 bytes: No space left on device',
    "privileged_port": "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)",
    "file_descriptor_limit": "http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 1s",
    "process_limit": "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process limits reached",
    "data_version_incompatible": "FATAL:  database files are incompatible with server",
    "data_directory_locked": 'FATAL:  lock file "postmaster.pid" already exists',
    "database_migration_stuck": "liquibase.exception.LockException: Could not acquire change log lock. Currently locked by api-7d",
    "kernel_setting_too_low": "max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]",
    "api_version_removed": 'error: no matches for kind "Ingress" in version "extensions/v1beta1"',
    "clock_skew": "oauth2: jwt: Token used before issued",
    "leader_election_lost": 'E0301 11:58:02.1 leaderelection.go:330] "leaderelection lost"',
    "ip_family_unsupported": "nginx: [emerg] socket() [::]:80 failed (97: Address family not supported by protocol)",
    "dependency_rate_limited": "GET https://api.partner.example.com/v2/orders: 429 Too Many Requests",
}
"""Cause → a line that reports it."""
for _cause, _line in LINES.items():

    @case(_cause, "api", f"reports {_cause}")
    def _ask(line: str = _line) -> tuple[World, Explanation]:
        return crash(1, f"starting\n{line}\n")


@case("service_link_collides", "api")
def reads_a_variable_of_a_service_as_its_port() -> tuple[World, Explanation]:
    line = 'strconv.ParseInt: parsing "tcp://10.96.0.7:6379": invalid syntax'
    return crash(1, line, extra=(service("redis", selector={"app": "redis"}, clusterIP="10.96.0.7"),), enableServiceLinks=True)


@case("service_account_token_missing", "api")
def has_no_token() -> tuple[World, Explanation]:
    line = "open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory"
    return crash(1, line, automountServiceAccountToken=False)


@case("data_directory_locked", "api", "shares its claim with another pod")
def shares_its_claim() -> tuple[World, Explanation]:
    volume: Any = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    other = obj("v1", "Pod", "api-0-old", spec={"containers": [container()], "volumes": volume}, status={"phase": "Running"})
    claim = obj("v1", "PersistentVolumeClaim", "data", spec={"volumeName": "v"}, status={"phase": "Bound"})
    return crash(1, LINES["data_directory_locked"], extra=(other, claim), volumes=volume)


@case("user_not_in_image", "api")
def runs_as_a_user_that_its_image_does_not_know() -> tuple[World, Explanation]:
    line = "initdb: error: could not look up effective user ID 1001: user does not exist"
    return crash(1, line, spec=container(securityContext={"runAsUser": 1001}))
