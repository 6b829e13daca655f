"""Ending what a stranger's program has left behind. Linux; elsewhere it does nothing.

A program can start others that outlive it and leave its group. On Linux a process may declare
itself the one that orphans are handed to (PR_SET_CHILD_SUBREAPER, see prctl(2)); then it finds
all of them among its children.
"""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def adopt():
    """Have the orphans of what this process starts handed to it; return whether that works."""
    if not sys.platform.startswith("linux"):
        return False
    with contextlib.suppress(OSError, AttributeError):
        return ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    return False


def children():
    """Return the process ids of this process's children, those of its threads included."""
    found = set()
    for task in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= set(map(int, task.read_text().split()))
    return found


def sweep(keep=(), rounds=100):
    """End all children but those in KEEP, again and again until none is left; return how many."""
    ended = 0
    for _ in range(rounds):
        strangers = children() - set(keep)
        if not strangers:
            break
        for pid in strangers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in strangers:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
                ended += 1
    return ended
