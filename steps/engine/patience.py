"""How long a program may keep somebody waiting: by its own time, not by the machine's.

On a busy machine a program stands in line for a processor, and so does whoever waits for it.
Linux tells how long: the second number in /proc/PID/task/TID/schedstat, in nanoseconds, beside
the first, for which the thread has run (Documentation/scheduler/sched-stats.rst in the kernel's
source). The time in line does not count here. What is left is the time in which the program
computed, or slept although it could have gone on.

Where the system does not tell, as on macOS and Windows, the clock counts: twice as much is
granted, and more where a short calculation of our own shows that the machine is busy.
"""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path

PROC = Path("/proc")
FAR = 12        # times the patience, by the clock: the end, whatever the system tells


class Patience:
    """A wait for one process. seconds: how long it may take; pid: its number, None for no one.

    spent: seconds that counted so far; computed: seconds of them in which the process ran.
    Both are brought up to date by is_over().
    """

    def __init__(self, seconds, pid=None):
        self.seconds, self.pid = seconds, pid
        self.spent = self.computed = 0.0
        # Whether this system tells how long a thread has run and stood in line.
        self.told = any(ran for _, (ran, _) in times("self"))
        self._began = self._last = time.monotonic()
        self._threads = self._look()
        self._granted = FAR * seconds if self.told else None

    def _look(self):
        """Return {(process, thread): its times}, but for the thread that looks: it only waits."""
        pids = ["self"] if self.pid is None else ["self", self.pid]
        looks = "self", str(threading.get_native_id())
        return {(pid, thread): numbers for pid in pids for thread, numbers in times(pid)
                if (pid, thread) != looks}

    def is_over(self):
        """Count what has passed since the last look; say whether it is more than enough."""
        now, before = time.monotonic(), self._threads
        self._threads = self._look()
        passed, self._last = now - self._last, now
        in_line = {}    # of each of the two, the longest: its threads stand there side by side
        for key, (ran, waited) in self._threads.items():
            ran_before, waited_before = before.get(key, (0, 0))
            in_line[key[0]] = max(in_line.get(key[0], 0), waited - waited_before)
            if key[0] != "self":
                self.computed += max(ran - ran_before, 0) / 1e9
        # A wait is told when it is over, so it may be longer than the time since the last look.
        self.spent = max(self.spent + passed - sum(in_line.values()) / 1e9, 0.0)
        if self._granted is None and now - self._began >= 2 * self.seconds:
            self._granted = 2 * self.seconds * slowness()
        if self._granted is not None and now - self._began >= self._granted:
            return True
        return self.told and max(self.spent, self.computed) >= self.seconds

    def tells(self):
        """Return how the time was spent, in words; "" where the system does not tell."""
        if not self.told:
            return ""
        if self.computed > self.spent / 2:
            return f"it computed for {self.computed:.1f} s"
        return f"it waited for {self.spent:.1f} s, and did nothing"


def times(pid):
    """Yield (thread id, (nanoseconds run, nanoseconds in line)) of a process's threads.

    Yields nothing where the system does not tell, or the process is gone.
    """
    try:
        threads = os.listdir(f"{PROC}/{pid}/task")
    except OSError:
        return
    for thread in threads:
        try:
            ran, waited, _ = Path(f"{PROC}/{pid}/task/{thread}/schedstat").read_text().split()
        except (OSError, ValueError):
            continue        # the thread has just ended
        yield thread, (int(ran), int(waited))


def slowness():
    """Return how much longer than its own time a short calculation takes now: 1 to 10 times."""
    began, ran = time.perf_counter(), time.thread_time()
    while time.thread_time() - ran < 0.05:
        pass
    return min(max((time.perf_counter() - began) / 0.05, 1.0), 10.0)


def computed(*pids):
    """Return the seconds that our ended children have run, and those that have these PIDS.

    A pid may be None. 0 on Windows, and without the living ones where there is no /proc; see
    proc(5), "stat".
    """
    ended = os.times()
    seconds = ended.children_user + ended.children_system
    if sys.platform == "win32":
        return seconds
    for pid in pids:
        with contextlib.suppress(OSError, ValueError):
            # The name, in brackets, may hold anything.
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            seconds += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return seconds
