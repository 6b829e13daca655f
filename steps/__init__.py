"""The catalogue of the steps, and the one way to start a step.

Whoever wants to know which steps exist, or wants one running, asks here: the command, the
tests, the notebooks and the chapters.

    >>> import steps
    >>> with steps.start("routing") as server:
    ...     print(server.url)
    http://127.0.0.1:49152
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "This course needs Python 3.11 or newer; this one is %d.%d: %s\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    sys.exit(2)

import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
FLASK = "flask"
ANNOUNCED = re.compile(r"http://(?:127\.0\.0\.1|localhost):(\d+)(?=[\s/])")


class UnknownStep(Exception):
    """No step has that number or name."""


class NoServer(Exception):
    """The script ended, or went silent, before it announced a URL."""


@dataclass(frozen=True)
class Step:
    """One entry of the catalogue.

    number: its place, from 1. name: the folder's name without the number. title: its one
    idea. tries: arguments for curl that show the idea, with {url} for the address.
    """

    number: int
    name: str
    title: str
    tries: tuple = ()

    def __str__(self):
        return f"{self.number:02}_{self.name}"

    @property
    def folder(self):
        """The step's folder, as a Path."""
        return FOLDER / str(self)

    @property
    def demo(self):
        """The step's demo.py, as a Path."""
        return self.folder / "demo.py"

    @property
    def files(self):
        """The names of the files that make the snapshot, framework first."""
        return ("ownflask.py", "demo.py")


STEPS = (
    Step(1, "skeleton", "an app object, a decorator that registers, a run() that does nothing"),
    Step(2, "server", "run() listens, and every request gets 501", ("{url}/",)),
    Step(3, "routing", "a path leads to a view, and GET answers", ("{url}/", "{url}/nope")),
    Step(
        4, "query_params", "path and query string part ways; the view is handed a Request",
        ('"{url}/?name=Joe"', "{url}/"),
    ),
    Step(5, "json", "dict and list become JSON", ("{url}/books", '"{url}/book?id=10"')),
    Step(
        6, "post", "a body arrives, and request.json reads it",
        ('-d "[1, 2, 3]" {url}/todo', '-d "[1, 2" {url}/todo', "{url}/books"),
    ),
    Step(
        7, "method_checks", "404, and 405 with Allow; one process_request for all methods",
        ("{url}/nope", "{url}/todo", '-d "[1, 2, 3]" {url}/todo'),
    ),
    Step(
        8, "threading", "a slow request no longer blocks the others",
        ("{url}/slow {url}/slow --parallel", "{url}/"),
    ),
    Step(
        9, "wsgi", "the app becomes a callable that any WSGI server can run",
        ('"{url}/?name=Joe"', '-d "[1, 2, 3]" {url}/todo', "{url}/nope"),
    ),
)


def find(wanted):
    """Return the Step that a reader means by "3", "03", "routing" or "03_routing".

    A Step and a number are taken too, and so is a folder as a shell completes it
    ("steps/03_routing/"). Raises UnknownStep, whose text lists the steps.
    """
    if isinstance(wanted, Step):
        return wanted
    text = re.split(r"[/\\]", str(wanted).strip().rstrip("/\\"))[-1].lower()
    for step in STEPS:
        if text in (step.name, str(step)) or (text.isdecimal() and int(text) == step.number):
            return step
    known = ", ".join(f"{step.number} {step.name}" for step in STEPS)
    raise UnknownStep(f"there is no step {str(wanted)!r}; the steps are: {known}")


def before(step):
    """Return the step before this one, or None for the first."""
    number = find(step).number
    return STEPS[number - 2] if number > 1 else None


class Server:
    """A script running in a process of its own, its output kept in a file.

    url: the address it announced. port: its port. process: the subprocess.Popen.
    """

    def __init__(
        self, framework, script, arguments=(), port=0, cwd=None, wait=10.0, or_ended=False
    ):
        """Start SCRIPT on the ownflask.py in the folder FRAMEWORK, or on "flask", the real one.

        port replaces the port that the script gives to app.run (0: a free one; None: leave
        it alone); wait is how many seconds the script has to announce its URL. The child
        sees neither PYTHON* variables nor, unless it runs on real Flask, site-packages.
        Raises NoServer, with the script's last words, when no URL is announced; with
        or_ended, a script that ends without one is no error, and url stays None.
        """
        self.url = self.port = self._final_log = None
        self._scratch = tempfile.mkdtemp(prefix="ownflask-")
        self._path = os.path.join(self._scratch, "log")
        flags = ["-I", "-B"] if framework == FLASK else ["-I", "-B", "-S"]
        command = [
            sys.executable, *flags, str(FOLDER / "serve.py"), str(framework), str(script),
            "-" if port is None else str(port), *map(str, arguments),
        ]
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
                self.url, self.port = announced[0], int(announced[1])
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


def start(step, on=None, port=0):
    """Start a step's demo and return its Server; use it in a `with`.

    step and on are anything find() takes; on is the step whose ownflask.py the demo gets,
    its own unless told, or "flask". port 0 takes a free one.
    Raises UnknownStep, and NoServer when the demo does not serve.
    """
    step = find(step)
    framework = FLASK if on == FLASK else find(step if on is None else on).folder
    return Server(framework, step.demo, port=port, cwd=step.folder)
