"""Serve a step's demo.

  run 3              demo.py of step 3 on its own ownflask.py
  run 4 --on 3       the new demo on the old framework: see what step 4 is for
  run 3 --port 8080  on another port (0: a free one)
"""

import os
import sys

import steps
from steps.engine.child import serve
from steps.engine.command import BadInput
from steps.engine.command.terminal import BOLD, CURL, PYTHON, paint
from steps.engine.server import ANNOUNCED


def takes(parser):
    """Declare STEP, --on and --port."""
    parser.add_argument("step", metavar="STEP", help="number or name")
    parser.add_argument("--on", metavar="STEP", help="the step whose ownflask.py it gets")
    parser.add_argument("--port", help="the port to listen on, in place of the demo's own")


def call(options):
    """Serve until Ctrl-C; return 0, or 1 where it could not listen."""
    step = steps.find(options.step)
    framework = steps.find(options.on or step)
    port = None if options.port is None else read_port(options.port)
    if framework is step:
        headline = f"Step {step.number}, {step.name}: {step.title}"
    else:
        headline = f"The demo of step {step.number}, {step.name}, on the framework " \
                   f"of step {framework.number}, {framework.name}"
    print(paint(headline, BOLD), flush=True)
    os.chdir(step.folder)
    sys.stdout = Announcing(sys.stdout, lambda url: print_tries(step, url))
    try:
        serve(str(framework.folder), str(step.demo), port)
    except SystemExit as end:
        if not str(end.code).startswith("Cannot listen"):
            raise
        on = "" if framework is step else f" --on {framework.number}"
        again = f"{PYTHON} -m steps run {step.number}{on} --port 0"
        print(f"{end.code}\nFrom here: {again}", file=sys.stderr)
        return 1
    if framework.number == 1:
        print("The demo has ended: in step 1, run() does nothing. Nobody listens.")
    return 0


def read_port(text):
    """Return the number of a port, 0 to 65535. Raises BadInput."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= 65535):
        raise BadInput(f"--port takes a number from 0 to 65535, not {text[:20]!r}")
    return int(text)


class Announcing:
    """A stdout that, once a demo has announced its URL, says what to do with it."""

    def __init__(self, stdout, announce):
        self.stdout, self.announce, self.seen = stdout, announce, ""

    def write(self, text):
        """Pass TEXT on, and look for a URL in what was written."""
        self.seen += text
        return self.stdout.write(text)

    def flush(self):
        """Pass it on; then announce the first URL, once."""
        self.stdout.flush()
        announced = ANNOUNCED.search(self.seen)
        if announced:
            sys.stdout = self.stdout
            self.announce(f"http://127.0.0.1:{announced[1]}")


def print_tries(step, url):
    """Print what to try in another terminal."""
    print("In a browser, or in another terminal in this folder:")
    for words in step.tries:
        print(f"    {words.format(curl=CURL, python=PYTHON, url=url)}")
    for line in step.note.splitlines():
        print(line)
    sys.stdout.flush()
