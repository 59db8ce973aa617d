"""The third door of access: logins of command lines. `flows/people/device.py` decides who may do what and writes the audit records."""

from optral.access import device, device_repository as rows, model, oauth, people
from optral.access.device import Approval, DeviceLogin
from optral.access.limiter import network_of
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound, TooMany

_DEVICE, _USER = "device:", "user:"  # so that one kind of code is never taken for the other


def start(tx: Transaction, *, pepper: bytes, name: str, address: str) -> tuple[DeviceLogin, str, str]:
    """A new login, its device code and its user code, which are not kept; for the system, across organizations.

    Raises `Invalid` for a bad name, `TooMany("too_many_logins")` while too many are pending.
    """
    pending, network = rows.open_by_address(tx), network_of(address)
    own = sum(many for known, many in pending.items() if network_of(known) == network)
    if sum(pending.values()) >= device.MAX_PENDING or own >= device.MAX_PENDING_PER_NETWORK:
        say = "too many logins are pending; approve or wait for one that you started, then try again"
        raise TooMany("too_many_logins", retry_after_s=60, say=say)
    login = DeviceLogin(name=model.checked_name(name), address=address[:64], created_at=tx.now, expires_at=tx.now + device.LIFE)
    device_code, user_code = people.generate_token(), device.generate_user_code()
    rows.insert(tx, login, device_digest=model.digest(pepper, _DEVICE + device_code), user_digest=model.digest(pepper, _USER + user_code))
    return login, device_code, user_code


def pending(tx: Transaction, *, pepper: bytes, user_code: str) -> DeviceLogin:
    """The login that waits for approval under this code. Raises `NotFound("user_code_unknown")`, the same for every bad code."""
    code = device.normal_user_code(user_code)
    found = None if code is None else rows.pending(tx, model.digest(pepper, _USER + code))
    if found is None:
        raise _unknown()
    return found


def decide(tx: Transaction, *, pepper: bytes, user_code: str, approval: Approval | None) -> DeviceLogin:
    """Approve a login, or deny it (`approval` None); it can be decided once. Raises as `pending`."""
    login = pending(tx, pepper=pepper, user_code=user_code)
    code = device.normal_user_code(user_code)
    assert code is not None
    if not rows.decide(tx, model.digest(pepper, _USER + code), approval):
        raise _unknown()
    return login


def by_device(tx: Transaction, *, pepper: bytes, device_code: str) -> DeviceLogin | None:
    """The login of a device code; None for an unknown, expired or used one."""
    return rows.by_device(tx, model.digest(pepper, _DEVICE + device_code)) if people.is_token(device_code) else None


def take(tx: Transaction, *, pepper: bytes, device_code: str) -> bool:
    """Use an approved login up. Tell whether it was there."""
    return people.is_token(device_code) and rows.take(tx, model.digest(pepper, _DEVICE + device_code))


def grant(tx: Transaction, *, pepper: bytes, name: str, bound: str, approval: Approval) -> str:
    """The code of a login that its person has approved already, for whoever brings what it is bound to; valid for a minute."""
    login = DeviceLogin(
        name=model.checked_name(name), address=tx.actor.address[:64], created_at=tx.now, expires_at=tx.now + oauth.CODE_LIFE
    )
    code, unused = people.generate_token(), model.digest(pepper, _USER + people.generate_token())
    rows.insert(tx, login, device_digest=_granted(pepper, code, bound), user_digest=unused)
    rows.decide(tx, unused, approval)
    return code


def granted(tx: Transaction, *, pepper: bytes, code: str, bound: str) -> DeviceLogin | None:
    """The login of such a code; None for one that is unknown, expired, used, or bound to something else."""
    return rows.by_device(tx, _granted(pepper, code, bound)) if people.is_token(code) else None


def take_granted(tx: Transaction, *, pepper: bytes, code: str, bound: str) -> bool:
    """Use the code up. Tell whether it was there."""
    return rows.take(tx, _granted(pepper, code, bound))


def _granted(pepper: bytes, code: str, bound: str) -> bytes:
    return model.digest(pepper, f"oauth:{code}\n{bound}")


def prune(tx: Transaction, *, limit: int) -> int:
    """Remove expired logins; for the system, across organizations."""
    return rows.delete_old(tx, limit=limit)


def _unknown() -> NotFound:
    return NotFound("user_code_unknown", say="this code is unknown, expired or already used; run `optral login` again for a new one")
