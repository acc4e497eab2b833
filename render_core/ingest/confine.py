"""Confinement of a process that reads strangers' files: what it may use, and that it ends with its parent."""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from itertools import chain

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 1, 22, 38, 2
_LOAD, _IF_EQUAL, _IF_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JSET|K, BPF_RET|K
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_NUMBER_AT, _ARCHITECTURE_AT, _FLAGS_AT = 0, 4, 16
_CLONE_THREAD = 0x10000
_CLONE3 = 435


@dataclass(frozen=True, slots=True)
class _Calls:
    """Numbers of Linux's system calls on an architecture."""

    architecture: int
    clone: int
    refused: tuple[int, ...]


_CALLS = {
    # socket, fork, vfork, execve, kill, ptrace, tkill, rt_sigqueueinfo, unshare, execveat, io_uring_setup
    "x86_64": _Calls(0xC000003E, 56, (41, 57, 58, 59, 62, 101, 200, 129, 272, 322, 425)),
    # socket, execve, kill, ptrace, tkill, rt_sigqueueinfo, unshare, execveat, io_uring_setup
    "aarch64": _Calls(0xC00000B7, 220, (198, 221, 129, 117, 130, 138, 97, 281, 425)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a confined process may use.

    Attributes:
        memory_bytes: Addresses, of which libraries alone take a third of a gigabyte.
        cpu_s: Processor time until it is ended, which ``allow_cpu`` can set anew.
        file_bytes: Size of any file that it writes.
    """

    memory_bytes: int
    cpu_s: int
    file_bytes: int
    open_files: int = 64


def confine(limits: Limits, parent: int) -> None:
    """Limit this process for good: no network, no other programs, no signals to others, and it ends with its parent.

    Args:
        limits: What it may use.
        parent: The process that started it. When that one is gone already, this one ends at once.
    """
    for limit, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    allow_cpu(limits.cpu_s)
    if sys.platform == "linux":
        _end_with(parent)
        _refuse_calls()


def allow_cpu(seconds: int) -> None:
    """Let this process go on for so many seconds of processor time; then it gets SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _end_with(parent: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def _refuse_calls() -> None:
    """A seccomp filter, for this thread and all that it starts. It needs no rights, also inside containers."""
    calls = _CALLS.get(platform.machine())
    if calls is None:
        return
    program = _filter(calls)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    where = ctypes.create_string_buffer(header, len(header))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(where))


def _filter(calls: _Calls) -> bytes:
    """The filter as classic BPF: instructions of code, jumps if true and if false, and an operand.

    Threads are clones that share everything; ``clone3`` hides what it shares, so glibc is sent back to ``clone``.
    """
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_IF_EQUAL, 1, 0, calls.architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        *chain.from_iterable(_refused(number, _EPERM) for number in calls.refused),
        *_refused(_CLONE3, _ENOSYS),
        (_IF_EQUAL, 0, 3, calls.clone),
        (_LOAD, 0, 0, _FLAGS_AT),
        (_IF_BITS, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _FAIL | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _refused(number: int, error: int) -> tuple[tuple[int, int, int, int], ...]:
    return (_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _FAIL | error)


def _prctl(option: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = (*arguments, *[0] * (4 - len(arguments)))
    if libc.prctl(option, *(ctypes.c_ulong(word) for word in words)) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
