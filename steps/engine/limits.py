"""Run a command within limits, as far as the system has them (Linux; macOS in part).

    python3 steps/engine/limits.py SECONDS MEMORY FILE PROCESSES COMMAND ...

SECONDS of computing, bytes of MEMORY, bytes in one FILE, PROCESSES (threads, to be exact) more
than the user has now; 0: as many as you like. See setrlimit(2). The superuser is not held to
the number of processes.
"""

import os
import signal
import sys
from collections import namedtuple


class Limits(namedtuple("Limits", "seconds memory file processes",
                        defaults=(60, 2 << 30, 16 << 20, 0))):
    """seconds of computing; memory, file: bytes; processes: how many more than there are, or 0."""

    __slots__ = ()

    def around(self, command):
        """Return the command that runs COMMAND, a list of words, within these limits."""
        return [sys.executable, "-I", "-S", "-B", __file__, *map(str, self), *map(str, command)]


def own():
    """Return how many threads this user has, which is what the limit counts; 0: not told."""
    if sys.platform == "win32":
        return 0
    count = 0
    try:
        for entry in os.scandir("/proc"):
            try:
                if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                    count += len(os.listdir(f"{entry.path}/task"))
            except OSError:
                pass        # it has just ended
    except OSError:
        pass
    return count


def hold(seconds, memory, file, processes):
    """Hold this process, and what it starts, to the limits."""
    if sys.platform == "win32":
        return
    import resource  # POSIX only, and this file is imported everywhere

    there = own() if processes else 0
    most = there + processes if there else resource.RLIM_INFINITY
    for kind, limit in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory),
                        (resource.RLIMIT_FSIZE, file), (resource.RLIMIT_NPROC, most),
                        (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):
            pass        # this system has no such limit, or a stricter one


def hold_memory(size):
    """Hold this process alone to SIZE bytes of memory, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ValueError, OSError):
        pass


if __name__ == "__main__":
    numbers, command = sys.argv[1:5], sys.argv[5:]
    hold(*map(int, numbers))
    if sys.platform != "win32":
        # A file that is too large shall be an error in the program, not its end.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    os.execv(command[0], command)
