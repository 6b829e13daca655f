"""Run a command within limits, as far as the system has them (Linux; macOS in part).

The shell sets them: every POSIX system has one, and it starts sooner than Python. See ulimit in
POSIX.1-2017, "Utilities". The superuser is not held to the number of processes.
"""

import contextlib
import glob
import os
import sys
from collections import namedtuple


class Limits(namedtuple("Limits", "seconds memory file processes",
                        defaults=(60, 2 << 30, 16 << 20, 0))):
    """seconds of computing; memory, file: bytes; processes: how many more than there are now.

    Processes are threads, to be exact. 0 is no limit.
    """

    __slots__ = ()

    def around(self, command):
        """Return the command that runs COMMAND, a list of words, within these limits."""
        there = own() if self.processes else 0
        most = there and there + self.processes
        numbers = {"t": self.seconds, "v": self.memory >> 10, "f": self.file >> 9,
                   "u": most, "p": most}        # -u is bash's word, -p dash's
        # What a system does not have, or has stricter, is left alone.
        sets = "".join(f"ulimit -{name} {number} 2>/dev/null; "
                       for name, number in numbers.items() if number)
        # With glibc each thread would set 64 MB of the memory apart for itself, see M_ARENA_MAX in
        # mallopt(3).
        sets += 'ulimit -c 0; MALLOC_ARENA_MAX=2 exec "$@"'
        return ["/bin/sh", "-c", sets, "sh", *map(str, command)]


def own():
    """Return how many threads this user has, which is what the limit counts; 0: not told."""
    if sys.platform == "win32":
        return 0
    count = 0
    for thread in glob.iglob("/proc/[0-9]*/task/*"):
        with contextlib.suppress(OSError):      # it has just ended
            count += os.stat(thread).st_uid == os.getuid()
    return count
