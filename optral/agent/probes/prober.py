"""One probe from a command to its result: a place for it, the target, its address checked, one short check.

The agent decides by itself where it connects, so a control plane that means harm cannot use it to scan: targets are objects of the cluster
by name (`targets.py`), addresses have rules of their own (`addresses.py`), and there are only so many probes a minute. A name is resolved
once, every address that it has is checked, and the connection is made to a checked one: a second answer of the name server is never asked.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from optral.agent.commands.commands_common import Tools, rejected
from optral.agent.probes import addresses, targets
from optral.agent.probes.addresses import Rule
from optral.agent.probes.targets import ProbeAddress
from optral.kit.clock import Clock
from optral.terms.probes import OUTCOMES, Certificate, Network, Outcome, ProbeFailed, ProbeResult, Reason, Vantage
from optral.terms.verbs import Probe

DEADLINE_S = 3.0
PER_MINUTE = 30
_MINUTE_S = 60.0


class _Found(NamedTuple):
    """What a check found where it succeeded."""

    address: str = ""
    addresses: tuple[str, ...] = ()
    certificate: Certificate | None = None
    http_status: int = 0


class Prober:
    """Performs probes from `vantage`; `in_cluster` and `outside` are the rules for addresses, which only tests replace."""

    def __init__(
        self,
        network: Network,
        vantage: Vantage,
        clock: Clock,
        *,
        in_cluster: Rule = addresses.in_cluster,
        outside: Rule = addresses.outside,
    ) -> None:
        self._network, self.vantage, self._clock = network, vantage, clock
        self._in_cluster, self._outside = in_cluster, outside
        self._begun: deque[float] = deque()

    async def probe(self, tools: Tools, params: Probe) -> ProbeResult:
        """Perform one probe. Raises `Failure`: TARGET_DENIED, BUSY, and those of reading the target's object."""
        self._take_place()
        place = await targets.find(tools, params)
        if place.address:
            self._check(place.address, is_external=False)
        began, at = self._clock.monotonic(), self._clock.now()
        reason, found = None, _Found(address=place.address)
        try:
            async with asyncio.timeout(DEADLINE_S):
                found = await self._checked(place, params)
        except ProbeFailed as failure:
            reason = failure.reason
        except TimeoutError:
            reason = Reason.TIMEOUT
        return ProbeResult(
            check=params.check,
            outcome=Outcome.REACHABLE if reason is None else OUTCOMES[reason],
            reason=reason,
            at=at,
            vantage=self.vantage,
            name=place.name,
            port=place.port,
            path=place.path if params.check == "http" else "",
            took_ms=max(0, round((self._clock.monotonic() - began) * 1000)),
            address=found.address,
            addresses=found.addresses,
            certificate=found.certificate,
            http_status=found.http_status,
        )

    def _take_place(self) -> None:
        """Raises `Failure` when there were too many probes within a minute."""
        now = self._clock.monotonic()
        while self._begun and now - self._begun[0] >= _MINUTE_S:
            self._begun.popleft()
        if len(self._begun) >= PER_MINUTE:
            raise rejected("BUSY", f"the agent performs at most {PER_MINUTE} probes a minute; try again later")
        self._begun.append(now)

    def _check(self, address: str, *, is_external: bool) -> None:
        """Raises `Failure` for an address that must not be connected to."""
        found = addresses.parsed(address)
        why = "it is no address" if found is None else (self._outside if is_external else self._in_cluster)(found)
        if why is not None:
            raise targets.denied(f"its address is {address}: {why}")

    async def _checked(self, place: ProbeAddress, params: Probe) -> _Found:
        """Raises `ProbeFailed`, `Failure`."""
        resolved = () if place.address and params.check != "dns" else tuple(await self._network.resolve(place.name))
        for address in resolved:
            self._check(address, is_external=place.is_external)
        if params.check == "dns":
            return _Found(addresses=resolved)
        address = place.address or resolved[0]
        if params.check == "tcp":
            await self._network.connect(address, place.port)
            return _Found(address)
        if params.check == "tls":
            return _Found(address, certificate=await self._network.handshake(address, place.port, name=place.name))
        status = await self._network.request(address, place.port, name=place.name, path=place.path, is_tls=place.is_tls)
        return _Found(address, http_status=status)
