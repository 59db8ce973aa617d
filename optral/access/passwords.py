"""Passwords as argon2id hashes, made and checked in threads of their own: one costs some 0.1 s and 64 MiB, and the loop must not wait.

An account that is not there costs the same: its password is checked against the hash of a random value.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pwdlib import PasswordHash

AT_ONCE = 2  # 64 MiB each
_pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="password")


async def hashed(password: str) -> str:
    """The stored hash of a password."""
    return await asyncio.get_running_loop().run_in_executor(_pool, lambda: _hasher().hash(password))


async def matches(password: str, kept: str | None) -> bool:
    """Tell whether this is the password; always False, after the same work, when there is none."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _matches, password, kept)


def _matches(password: str, kept: str | None) -> bool:
    nobodys = _nobodys()  # always, so that the first stranger's answer is no later than the others'
    found = _hasher().verify(password, kept or nobodys)
    return found and kept is not None


@cache
def _hasher() -> "PasswordHash":
    from pwdlib import PasswordHash  # imported at the first sign-in: a server that sees none does not pay for it

    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))
