"""Starting a step, or anything else that serves, in a process of its own."""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from steps.engine.catalogue import find
from steps.engine.patience import Patience

FLASK = "flask"
CHILD = Path(__file__).with_name("child.py")
LARGEST_LOG = 64 << 20      # bytes; nobody reads more
LAST_WORDS = 150            # letters of the last line that are worth telling
ANNOUNCED = re.compile(r"http://[\w.-]*:(\d+)(?=[\s/])")
UNFINISHED = re.compile(r"http://[\w.-]*:(\d+)$")         # no newline yet, or ever
# What stood in a buffer, when child.py was asked to send it.
BUFFERED = re.compile(r"<buffer>\n((?:(?!<buffer>).)*?)\n</buffer>\n", re.S)
ASK_FOR_THE_BUFFER = 1.0    # seconds of patience without a URL


class NotServing(Exception):
    """The script ended, or went silent, before it announced a URL. log: all that it printed."""

    def __init__(self, message, log=""):
        super().__init__(message)
        self.log = log


class Server:
    """A command that serves, in a process of its own, its output kept in a file.

    port: the port it announced. url: its address on this machine. process: the subprocess.Popen.
    """

    # Starts the command; our tests put a faster way in its place, tests/warm.py.
    popen = subprocess.Popen

    def __init__(self, command, cwd=None, wait=10.0, or_ended=False, limits=None,
                 environment=None, at=None, popen=None):
        """Run COMMAND, a list of words, and wait until it has announced an http:// URL.

        wait is how many seconds it has for that, by its own time (see patience.py). Raises
        NotServing, with its last words, when no URL is announced; with or_ended, a command that
        ends without one is no error, and url stays None. limits: a limits.Limits, which the
        command and its children are held to where the system can; they are a group then, and
        end together. environment: the variables that it sees, all of ours unless told. at: a
        port; where a client is let in there, it need not announce any URL. popen: starts it, in
        the place of subprocess.Popen.
        """
        self.url = self.port = self._final_log = None
        self._reading = threading.Lock()        # several threads may ask for the log at once
        self._listens = str(CHILD) in command       # to our signals; others may end by them
        self._group = limits is not None and os.name == "posix"
        if self._group:
            command = limits.around(command)
        self._scratch = tempfile.mkdtemp(prefix="ownflask-")
        self._path = os.path.join(self._scratch, "log")
        # Kept open: what a script puts in the place of its log is not read. And made anew: what it
        # has put there before, a link to a pipe of ours for one, is not written to.
        with open(self._path, "xb") as log:
            self._reader = open(self._path, "rb")
            self.process = (popen or self.popen)(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd,
                env=environment, start_new_session=self._group,
            )
        try:
            self._wait_for_url(wait, or_ended, at)
        except BaseException:
            self.stop()
            raise

    def _wait_for_url(self, seconds, or_ended, at):
        patience = self.patience(seconds)
        seen = 0        # how much of the log holds no URL: some print a great deal
        asked = or_ended
        while True:
            # In this order: a script may announce its URL and end between the two looks.
            ended = self.process.poll() is not None
            log = self.log(seen)
            announced = ANNOUNCED.search(log)
            if patience.spent > 0.5:
                announced = announced or UNFINISHED.search(log)
            stuck = BUFFERED.search(log)
            if stuck and ANNOUNCED.search(stuck[1] + "\n"):
                said = stuck[1].strip()
                raise NotServing(f"no URL: it printed {said!r}, and the line stands in a buffer; "
                                 "print(..., flush=True) sends it at once", self.log())
            seen += log.rfind("\n") + 1
            if announced or at and is_let_in(at):
                self.port = int(announced[1]) if announced else at
                if not self.port:
                    raise NotServing("it announced port 0, where nobody can be", self.log())
                self.url = f"http://127.0.0.1:{self.port}"
                return
            if ended and or_ended:
                return
            if ended:
                raise NotServing(f"it ended without a server{self._last_words()}", self.log())
            if patience.is_over():
                last_words, stack = self._last_words(), self.stack()
                raise NotServing(f"no URL after {seconds:g} s{last_words}", stack or self.log())
            if patience.spent > ASK_FOR_THE_BUFFER and not asked:
                asked = True
                self._signal("SIGUSR2")
            self._pause()

    def _pause(self):
        """Wait a moment, or until the process has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.005)

    def patience(self, seconds):
        """Return a Patience of SECONDS with this process, which begins now."""
        return Patience(seconds, self.process.pid)

    def ended(self, seconds):
        """Wait until the process has ended; return its exit code, None if it goes on."""
        patience = self.patience(seconds)
        while self.process.poll() is None and not patience.is_over():
            self._pause()
        return self.process.poll()

    def _last_words(self):
        lines = BUFFERED.sub(r"\1\n", self.log()).strip().splitlines()
        return f": {lines[-1].strip()[:LAST_WORDS]}" if lines else ", and said nothing"

    def log(self, since=0):
        """Return what the script has printed so far, from byte SINCE on, stdout and stderr."""
        if self._final_log is not None:
            log = self._final_log[since:]
        else:
            with self._reading:
                self._reader.seek(since)
                # So many bytes are asked for, so much memory is taken, whatever is there.
                log = self._reader.read(min(max(self._size() - since, 0), LARGEST_LOG))
        return log.decode("utf-8", "replace").replace("\r\n", "\n")

    def stack(self):
        """Return where each thread of a script started by launch() is now, "" if it won't say."""
        before = size = self._size()
        if not self._signal("SIGUSR1"):
            return ""
        patience = self.patience(2)
        quiet = self.patience(0.05)     # it is written piece by piece
        while not patience.is_over():
            time.sleep(0.005)
            last, size = size, self._size()
            if size > last:
                quiet = self.patience(0.05)
            elif size > before and quiet.is_over():
                break
        return self.log(before)

    def _signal(self, name):
        """Send a signal to child.py; say whether that could be done."""
        if not self._listens or not hasattr(signal, name) or self.process.poll() is not None:
            return False
        self.process.send_signal(getattr(signal, name))
        return True

    def _size(self):
        return os.fstat(self._reader.fileno()).st_size

    def stop(self):
        """End the process; its log stays readable. Does no harm when called twice."""
        if sys.platform != "win32" and self._group:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        elif self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._final_log is None:
            with self._reading:
                self._reader.seek(0)
                self._final_log = self._reader.read(min(self._size(), LARGEST_LOG))
                self._reader.close()
        with contextlib.suppress(RecursionError):
            shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


def is_let_in(port):
    """Say whether somebody listens at this port of this machine."""
    with socket.socket() as client:
        client.settimeout(1)        # where the queue is full, the system would try for minutes
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    """Return a port of this machine at which nobody listens at the moment.

    It lies below those that systems give away by themselves (on Linux from 32768 on, see ip(7)):
    on a busy machine one of those is soon somebody else's.
    """
    for port in random.sample(range(20000, 32000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def launch(framework, script, arguments=(), port=0, **options):
    """Start SCRIPT on the ownflask.py in the folder FRAMEWORK, or on "flask", the real one.

    port replaces the port that the script gives to app.run (0: a free one; None: leave it
    alone); the options are those of Server, and so is what it raises. The script sees neither
    PYTHON* variables nor, unless it runs on real Flask, site-packages.
    """
    flags = ["-I", "-B"] if framework == FLASK else ["-I", "-B", "-S"]
    command = [
        sys.executable, *flags, str(CHILD), str(framework), str(script),
        "-" if port is None else str(port), *map(str, arguments),
    ]
    return Server(command, **options)


def start(step, on=None, port=0):
    """Start a step's demo and return its Server; use it in a `with`.

    step and on are anything find() takes; on is the step whose ownflask.py the demo gets,
    its own unless told, or "flask". port 0 takes a free one.
    Raises UnknownStep, and NotServing when the demo does not serve.
    """
    step = find(step)
    framework = FLASK if on == FLASK else find(step if on is None else on).folder
    return launch(framework, step.demo, port=port, cwd=step.demo.parent)
