"""The retries of the background loops: the log has the first failure of each piece of work, and its recovery."""

from structlog.typing import FilteringBoundLogger

from optral.kit.clock import Clock
from optral.kit.retry import Retries
from optral.terms.errors import OptralError, Unavailable


def retries(loop: str, clock: Clock, log: FilteringBoundLogger) -> Retries:
    """The retries of one loop. It logs `<loop>.deferred`, `<loop>.failed` and `<loop>.recovered`."""

    def report(key: str, error: BaseException | None) -> None:
        if error is None:
            log.info(f"{loop}.recovered", of=key)
        elif isinstance(error, OptralError):
            log.warning(f"{loop}.deferred", of=key, code=error.code, log=error.log)
        else:
            log.error(f"{loop}.failed", of=key, exc_info=error)

    return Retries(clock.monotonic, report, outage=(Unavailable,))
