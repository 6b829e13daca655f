"""A warm Python: it has imported what its programs import, and forks for each that it shall run.

To start Python and to import http.server costs several times the CPU of a fork. So `check` runs
the programs of a file as forks of one child.py, which has imported that ownflask.py, and nothing
beyond what child.py imports in a plain start: what the file forgets to import is missing. But the
import runs once, in a folder of its own (which $PWD names meanwhile), and all have one seed of
hash(). Where it does more than a fork would take along, such as to start a thread, to
write a file or to ask for its folder, and everywhere but on Linux, each program is started plainly.

This is not for a stranger's file: what it does to the Python that forks, its next program meets.
"""

import contextlib
import marshal
import os
import signal
import socket
import subprocess
import sys
import tempfile

from steps.engine.scratch import scratch
from steps.engine.server import CHILD

LINUX = sys.platform == "linux"     # elsewhere a fork may meet threads of the system
LONGEST = 10.0      # seconds by the clock for a fork; what takes longer is started plainly
WIDTH = 16          # bytes of a number that is told over a connection
KILL = 9            # SIGKILL, which Windows has no name for


def split(command, env, start_new_session):
    """Return what starts the Python for a command of launch(), and the words to ask it for."""
    at = command.index(str(CHILD)) + 2
    return (*command[:at], ""), command[at:]


class Warm:
    """Starts programs, as forks where it can: popen() stands in the place of subprocess.Popen.

    split: returns of the arguments of popen() what starts the Python that shall fork, a tuple of
    words, and the words that it is asked for; () and () where nothing can fork. The Python calls
    forked() of child.py with a number that is added. longest: seconds for a fork. forks: how many
    programs were forked. Once something does not fork, nothing does any more.
    """

    def __init__(self, split=split, longest=LONGEST):
        self._split, self._longest, self.forks = split, longest, 0
        self._pythons, self._forks = {}, LINUX      # what starts one -> it and a socket to it
        self._folders = contextlib.ExitStack()

    def popen(self, command, stdin=None, stdout=None, stderr=None, cwd=None, env=None,
              start_new_session=False):
        """Start COMMAND as subprocess.Popen does; forked, it has no input, and output to files."""
        options = {"cwd": cwd, "start_new_session": start_new_session}
        start, words = self._split(command, env, start_new_session) if self._forks else ((), ())
        if start:
            try:
                if start not in self._pythons:
                    self._pythons[start] = self._started(start, start_new_session)
                request = words, os.path.abspath(cwd or "."), env and dict(env), start_new_session
                process = self._forked(self._pythons[start][1], request, stdout, stderr)
                self.forks += 1
                return process
            except OSError:
                self._forks = False
                self.end()
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, env=env,
                                **options)

    def _started(self, start, start_new_session):
        # What an import leaves in its folder, a program started plainly after all shall not meet.
        folder = self._folders.enter_context(scratch()) if self._split is split else None
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as log:
            return subprocess.Popen(
                [*start, str(theirs.fileno())], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[theirs.fileno()], cwd=folder, start_new_session=start_new_session), ours

    def _forked(self, channel, request, stdout, stderr):
        if sys.platform == "win32":
            raise OSError("here no files can be sent")
        connection, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            files = [each.fileno() for each in (theirs, stdout, stderr)]
            socket.send_fds(channel, [marshal.dumps(request)], files)
        connection.settimeout(self._longest)
        pid = int(connection.recv(WIDTH) or 0)
        if pid < 2:
            raise OSError("nothing was forked")
        connection.send(b".")       # now that it can be ended, it may begin
        return Forked(request[0], pid, connection)

    def pids(self):
        """Return the processes that fork."""
        return [process.pid for process, _ in self._pythons.values()]

    def end(self):
        """End all that fork; os.times() knows then what they and their programs have used."""
        while self._pythons:
            process, channel = self._pythons.popitem()[1]
            channel.close()
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._folders.close()


class Forked:
    """A program that was forked, with the part of subprocess.Popen that is needed here."""

    def __init__(self, words, pid, connection):
        self.args, self.pid, self.returncode = words, pid, None
        self._connection = connection

    def poll(self):
        """Return the exit code, None while the program runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout=None):
        """Return the exit code once the program has ended; raise subprocess.TimeoutExpired."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                # Nothing: whoever waits for it has been killed, as by a Ctrl-C for all of us.
                self.returncode = int(self._connection.recv(WIDTH) or -KILL)
            except (BlockingIOError, TimeoutError):
                raise subprocess.TimeoutExpired(self.args, timeout) from None
            self._connection.close()
        return self.returncode

    def send_signal(self, number):
        """Send a signal to the program, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self):
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self):
        """End it."""
        self.send_signal(KILL)
