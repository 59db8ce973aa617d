"""A process in which every `fsync` and `fdatasync` fails with EIO from some moment on, as on a broken disk (Linux: seccomp).

A filter on system calls cannot be taken back, so it is for processes of their own. It holds for the calling thread and those it starts.
"""

import ctypes
import errno
import platform
import struct

_SYNCS = {"x86_64": (74, 75), "aarch64": (82, 83)}  # fsync, fdatasync
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 22, 38, 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def is_possible() -> bool:
    return platform.system() == "Linux" and platform.machine() in _SYNCS


def fail_from_now_on() -> None:
    """Let every sync of this thread, and of threads that it starts, fail. Raises `OSError` where the kernel forbids filters."""
    first, second = _SYNCS[platform.machine()]
    program = (
        (_LOAD, 0, 0, 0),  # the number of the system call
        (_JUMP_IF_EQUAL, 1, 0, first),
        (_JUMP_IF_EQUAL, 0, 1, second),
        (_RETURN, 0, 0, _ERRNO | errno.EIO),
        (_RETURN, 0, 0, _ALLOW),
    )
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    if libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(_Program(len(program), code)), 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")
