"""Confinement of a process that reads strangers' files: what it may use, and that it ends with its parent."""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from render_core.ingest.landlock import may_open

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 1, 22, 38, 2
_LOAD, _RETURN = 0x20, 0x06  # BPF_LD|W|ABS, BPF_RET|K
_IF_EQUAL, _IF_AT_LEAST, _IF_BITS = 0x15, 0x35, 0x45  # BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_JMP|JSET|K
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_NUMBER_AT, _ARCHITECTURE_AT, _FLAGS_AT = 0, 4, 16
_CLONE_THREAD = 0x10000
_CLONE3 = 435
_CAPABILITIES_3 = 0x20080522
_OTHER_NUMBERS = 0x40000000
"""From here on x86_64 has every call a second time, for programs with short pointers."""


@dataclass(frozen=True, slots=True)
class _Calls:
    """Numbers of Linux's system calls on an architecture."""

    architecture: int
    clone: int
    refused: tuple[int, ...]


# io_uring_setup, pidfd_send_signal, pidfd_open, pidfd_getfd
_REFUSED_ANYWHERE = (425, 424, 434, 438)
_CALLS = {
    "x86_64": _Calls(
        architecture=0xC000003E,
        clone=56,
        refused=(
            *(41, 57, 58, 59, 322),  # socket, fork, vfork, execve, execveat
            *(62, 200, 129, 297),  # kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            *(101, 310, 311, 298, 321),  # ptrace, process_vm_readv, process_vm_writev, perf_event_open, bpf
            *(272, 308, 165, 250, 248, 323),  # unshare, setns, mount, keyctl, add_key, userfaultfd
            *_REFUSED_ANYWHERE,
        ),
    ),
    "aarch64": _Calls(
        architecture=0xC00000B7,
        clone=220,
        refused=(
            *(198, 221, 281),  # socket, execve, execveat
            *(129, 130, 138, 240),  # kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            *(117, 270, 271, 241, 280),  # ptrace, process_vm_readv, process_vm_writev, perf_event_open, bpf
            *(97, 268, 40, 219, 217, 282),  # unshare, setns, mount, keyctl, add_key, userfaultfd
            *_REFUSED_ANYWHERE,
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a confined process may use.

    Attributes:
        memory_bytes: Addresses, of which libraries alone take a third of a gigabyte.
        cpu_s: Processor time from now on until it is ended by SIGXCPU.
        wall_s: Time from now on until it is ended by SIGALRM.
        file_bytes: Size of any file that it writes.
    """

    memory_bytes: int
    cpu_s: int
    wall_s: int
    file_bytes: int = 0
    open_files: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What a confined process may open, besides the libraries it is made of.

    Attributes:
        readable: Files.
        writable: Folders in which it may do as it likes.
    """

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()


def confine(parent: int, files: Files, limits: Limits, most: Limits | None = None) -> None:
    """Limit this process for good: no network, no other files or programs, and it ends with its parent.

    Args:
        parent: The process that started it. When that one is gone already, this one ends at once.
        files: What it may open, where the kernel has Landlock (5.13 and later).
        limits: What it may use, until ``allow`` sets that anew.
        most: What ``allow`` can never go beyond; None is ``limits``.
    """
    for limit, value in _values(most or limits):
        resource.setrlimit(limit, (value, value))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    allow(limits)
    if sys.platform == "linux":
        _end_with(parent)
        may_open((*files.readable, *_libraries()), files.writable)
        _refuse_calls()
        _give_up_rights()


def allow(limits: Limits) -> None:
    """Let a confined process use so much from now on."""
    for limit, value in _values(limits):
        _soft, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (value, hard))
    signal.alarm(limits.wall_s)


def _values(limits: Limits) -> Sequence[tuple[int, int]]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limits.cpu_s),
    )


def _libraries() -> tuple[Path, ...]:
    """Where Python's modules are, and what they are linked with. Never the folder around our own packages."""
    modules = {path for name, path in sysconfig.get_paths().items() if name.endswith(("stdlib", "lib"))}
    own = Path(__file__).parents[1]
    return (own, *map(Path, sorted(modules)), *map(Path, ("/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache")))


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
        (_IF_AT_LEAST, 0, 1, _OTHER_NUMBERS),
        (_RETURN, 0, 0, _KILL),
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


def _give_up_rights() -> None:
    """Root is nobody special from here on (capset(2), version 3: effective, permitted and inheritable, twice)."""
    header, none = struct.pack("Ii", _CAPABILITIES_3, 0), bytes(24)
    _checked(ctypes.CDLL(None, use_errno=True).capset(header, none), "capset")


def _prctl(option: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = (*arguments, *[0] * (4 - len(arguments)))
    _checked(libc.prctl(option, *(ctypes.c_ulong(word) for word in words)), "prctl")


def _checked(answer: int, call: str) -> None:
    if answer != 0:
        raise OSError(ctypes.get_errno(), call)
