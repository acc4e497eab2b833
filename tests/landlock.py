"""Machines without Landlock, as a process sees them: the kernel answers that it knows no such call."""

import os
import subprocess
import sys

_FILTER = """
import ctypes, os, struct, sys
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
prctl = ctypes.CDLL(None).prctl
zero = ctypes.c_ulong(0)
assert prctl(38, ctypes.c_ulong(1), zero, zero, zero) == 0
assert prctl(22, ctypes.c_ulong(2), ctypes.c_ulong(ctypes.addressof(header)), zero, zero) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
"""A seccomp filter (classic BPF): load the call's number, answer ENOSYS to landlock_create_ruleset, allow the rest."""


def run_without_landlock(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program, by its path, with further environment variables."""
    return subprocess.run(
        [sys.executable, "-c", _FILTER, *command],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
