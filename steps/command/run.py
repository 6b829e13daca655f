"""Serve a step's demo.

  run 3              demo.py of step 3 on its own ownflask.py
  run 4 --on 3       the new demo on the old framework: see what step 4 is for
  run 3 --port 8080  on another port (0: a free one)
"""

import os
import socket
import sys

import steps
from steps.child import serve
from steps.command import BadInput
from steps.command.terminal import BOLD, CURL, PYTHON, paint

PORT = 8000     # what app.run() takes unless told


def takes(parser):
    """Declare STEP, --on and --port."""
    parser.add_argument("step", metavar="STEP", help="number or name")
    parser.add_argument("--on", metavar="STEP", help="the step whose ownflask.py it gets")
    parser.add_argument("--port", help="the port to listen on, in the place of the demo's own")


def call(options):
    """Serve until Ctrl-C; return 0, or 1 where it could not listen."""
    step = steps.find(options.step)
    framework = steps.find(options.on or step)
    port = None if options.port is None else read_port(options.port)
    introduce(step, framework, port or PORT)
    os.chdir(step.folder)
    try:
        serve(str(framework.folder), str(step.demo), port)
    except SystemExit as end:
        if isinstance(end.code, str) and end.code.startswith("Cannot listen"):
            again = f"{PYTHON} -m steps run {step.number} --port {(port or PORT) + 1}"
            print(f"{end.code}, or: {again}", file=sys.stderr)
            return 1
        raise
    if framework.number == 1:
        print("The demo has ended: in step 1, run() does nothing. Nobody listens.")
    return 0


def read_port(text):
    """Return a port number; 0 stands for a free one. Raises BadInput."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= 65535):
        raise BadInput(f"--port takes a number from 0 to 65535, not {text!r}")
    if int(text) == 0:
        with socket.create_server(("127.0.0.1", 0)) as free:
            return free.getsockname()[1]
    return int(text)


def introduce(step, framework, port):
    """Print which step this is, and what to try in another terminal."""
    on = "" if framework is step else f", on the framework of step {framework.number}"
    print(paint(f"Step {step.number}, {step.name}{on}: {step.title}", BOLD))
    if step.tries and framework.number > 1:
        print("Open the address in a browser, or type in another terminal:")
        names = {"curl": CURL, "python": PYTHON, "url": f"http://127.0.0.1:{port}"}
        for words in step.tries:
            print(f"    {words.format(**names)}")
    sys.stdout.flush()
