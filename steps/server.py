"""Starting a step, or anything else that serves, in a process of its own."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from steps.catalogue import FOLDER, find

FLASK = "flask"
ANNOUNCED = re.compile(r"http://[\w.-]*:(\d+)(?=[\s/])")


class NoServer(Exception):
    """The script ended, or went silent, before it announced a URL."""


class Server:
    """A command that serves, in a process of its own, its output kept in a file.

    port: the port it announced. url: its address on this machine. process: the subprocess.Popen.
    """

    def __init__(self, command, cwd=None, wait=10.0, or_ended=False):
        """Run COMMAND, a list of words, and wait until it has announced an http:// URL.

        wait is how many seconds it has for that. Raises NoServer, with its last words, when
        no URL is announced; with or_ended, a command that ends without one is no error, and
        url stays None.
        """
        self.url = self.port = self._final_log = None
        self._scratch = tempfile.mkdtemp(prefix="ownflask-")
        self._path = os.path.join(self._scratch, "log")
        with open(self._path, "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd
            )
        try:
            self._wait_for_url(wait, or_ended)
        except BaseException:
            self.stop()
            raise

    def _wait_for_url(self, seconds, or_ended):
        deadline = time.monotonic() + seconds
        while True:
            # In this order: a script may announce its URL and end between the two looks.
            ended = self.process.poll() is not None
            announced = ANNOUNCED.search(self.log())
            if announced:
                self.port = int(announced[1])
                self.url = f"http://127.0.0.1:{self.port}"
                return
            if ended and or_ended:
                return
            if ended:
                raise NoServer(f"it ended without a server{self._last_words()}")
            if time.monotonic() > deadline:
                raise NoServer(f"no URL after {seconds:g} s{self._last_words()}")
            time.sleep(0.005)

    def _last_words(self):
        lines = self.log().strip().splitlines()
        return f": {lines[-1].strip()}" if lines else ", and said nothing"

    def log(self):
        """Return all that the script has printed so far, stdout and stderr together."""
        if self._final_log is not None:
            return self._final_log
        with open(self._path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self):
        """End the process; its log stays readable. Does no harm when called twice."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._final_log = self.log()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


def launch(framework, script, arguments=(), port=0, **options):
    """Start SCRIPT on the ownflask.py in the folder FRAMEWORK, or on "flask", the real one.

    port replaces the port that the script gives to app.run (0: a free one; None: leave it
    alone); the options are those of Server, and so is what it raises. The script sees neither
    PYTHON* variables nor, unless it runs on real Flask, site-packages.
    """
    flags = ["-I", "-B"] if framework == FLASK else ["-I", "-B", "-S"]
    command = [
        sys.executable, *flags, str(FOLDER / "child.py"), str(framework), str(script),
        "-" if port is None else str(port), *map(str, arguments),
    ]
    return Server(command, **options)


def start(step, on=None, port=0):
    """Start a step's demo and return its Server; use it in a `with`.

    step and on are anything find() takes; on is the step whose ownflask.py the demo gets,
    its own unless told, or "flask". port 0 takes a free one.
    Raises UnknownStep, and NoServer when the demo does not serve.
    """
    step = find(step)
    framework = FLASK if on == FLASK else find(step if on is None else on).folder
    return launch(framework, step.demo, port=port, cwd=step.folder)
