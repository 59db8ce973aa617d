"""A member who forgot the password gets a link by e-mail, and sets another one with it.

Whoever asks is a stranger: the answer is the same for every address, and addresses are looked up later, by `run`, not while the stranger
measures. A request that was not looked up before the server ends is lost; the member asks again.
"""

import asyncio
from collections import deque
from functools import partial
from typing import NamedTuple

import structlog

from optral.access import passwords, people, people_service as access
from optral.access.people_service import Account
from optral.access.service import Limiter, audit
from optral.flows.mail import messages
from optral.flows.people import sign_in
from optral.flows.people.sign_in import Caller, Offer, SignedIn
from optral.mail import service as mail
from optral.mail.service import Outbox
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.errors import Invalid, OptralError, Unavailable

FLUSH_EVERY_S = 1.0
MAX_WAITING = 1000
_log = structlog.get_logger(__name__)


class _Request(NamedTuple):
    caller: Caller
    email: str


class PasswordResets:
    """Use on one event loop. Own a task of `run`, and call `flush` at the end. `outbox` None: the server sends no e-mail."""

    def __init__(self, store: Store, limiter: Limiter, pepper: bytes, outbox: Outbox | None) -> None:
        self._store, self._limiter, self._pepper, self._outbox = store, limiter, pepper, outbox
        self._waiting: deque[_Request] = deque()

    async def request(self, caller: Caller, *, email: str) -> None:
        """Send a link to whoever can sign in with this address and a password.

        Raises `Refused("mail_not_configured")`, `TooMany` after five requests, and `Unavailable` while too many wait.
        """
        mail.required(self._outbox)
        await self._limiter.try_reset(caller.address, email)
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable(retry_after_s=FLUSH_EVERY_S, say="too many requests wait; try again in a minute")
        self._waiting.append(_Request(caller, email))

    async def offered(self, *, token: str) -> Offer:
        """Whose password a link sets. Raises `Forbidden("link_invalid")`."""

        def look(tx: Transaction) -> Offer:
            account = access.account_of_reset(tx, pepper=self._pepper, token=token)
            return Offer(access.organisation(tx.acting_for(account.org_id)).name, account.member.email, account.member.role)

        return await self._store.read(actors.system(), look)

    async def complete(self, caller: Caller, *, token: str, password: str) -> SignedIn:
        """Set the password, end all sessions of the member, and sign in. Raises `Forbidden("link_invalid")`, `Invalid`."""
        email = (await self.offered(token=token)).email or ""  # nobody but a link's holder has passwords hashed
        kept = await passwords.hashed(people.checked_password(password, email=email))

        def job(tx: Transaction) -> SignedIn:
            account = access.account_of_reset(tx, pepper=self._pepper, token=token)
            acting = tx.acting_for(account.org_id).acting_as(account.member.id)
            access.use_resets(acting, account.member.id)
            access.set_password(acting, account.member, hash=kept)
            ended = access.end_sessions(acting, account.member.id)
            detail = {"email": account.member.email, "sessionsEnded": ended}
            audit(acting, action="member.reset_password", target=account.member.id, detail=detail)
            return sign_in.opened(tx, caller, acting, account.member, pepper=self._pepper)

        done = await self._store.write(caller.acting(actors.system()), job)
        await self._limiter.forgive(caller.address, email)
        return done

    async def run(self) -> None:
        """Look up the requests every second; a task to own."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Queue e-mail for the requests so far; they wait for the next time while the database cannot."""
        while self._waiting:
            request = self._waiting.popleft()
            try:
                await self._store.write(request.caller.acting(actors.system()), partial(self._send, request=request))
            except Invalid as error:  # a member whose address takes no e-mail
                _log.warning("password_resets.not_sent", reason=error.say)
            except OptralError as error:
                self._waiting.appendleft(request)
                _log.warning("password_resets.deferred", waiting=len(self._waiting), reason=error.code)
                return

    def _send(self, tx: Transaction, request: _Request) -> None:
        for account in access.accounts(tx, email=request.email):
            self._send_to(tx.acting_for(account.org_id), account)

    def _send_to(self, tx: Transaction, account: Account) -> None:
        outbox, to = mail.required(self._outbox), account.member.email
        token = access.create_reset(tx, account.member, pepper=self._pepper)
        if token is not None:
            messages.password_reset(tx, outbox, token=token, organisation=access.organisation(tx).name, recipient=to)
        outcome = "ok" if token is not None else "denied"
        audit(tx, action="member.request_reset", target=account.member.id, detail={"email": to}, outcome=outcome)
