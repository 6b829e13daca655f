"""Serve a step's demo.

  run 3                 demo.py of step 3 on its own ownflask.py
  run 4 --on 3          the new demo on the old framework: see what step 4 is for
  run 4.2, run 4.2 --on 4.1     the same for a stage
  run my/03_routing     your own demo.py on your own ownflask.py
  run 3 --on my/03_routing
  run 3 --port 8080     on another port (0: a free one)
"""

import errno
import os
import re
import sys
import traceback
from pathlib import Path

import steps
from steps.engine.child import serve
from steps.engine.command import BadInput, Trouble
from steps.engine.command.terminal import BOLD, CURL, PYTHON, paint, visible
from steps.engine.server import ANNOUNCED


def takes(parser):
    """Declare STEP, --on and --port."""
    parser.add_argument("step", metavar="STEP", help="number or name, or a folder of yours")
    parser.add_argument("--on", metavar="STEP", help="whose ownflask.py it gets")
    parser.add_argument("--port", help="the port to listen on, in place of the demo's own")


def call(options):
    """Serve until Ctrl-C; return 0, or 1 where it could not listen."""
    step, folder = place(options.step, "demo.py")
    on = options.step if options.on is None else options.on
    on, framework = place(on, "ownflask.py")
    port = None if options.port is None else read_port(options.port)
    print(paint(visible(headline(step, folder, on, framework)), BOLD), flush=True)
    if steps.FOLDER not in framework.parents:
        look_at(framework / "ownflask.py")
    if steps.FOLDER not in folder.parents:
        look_at(folder / "demo.py")
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    note = step.note if step and on is step else ""
    sys.stdout = Announcing(sys.stdout, lambda url: print_tries(step.tries if step else (), note,
                                                                url))
    try:
        serve(str(framework), str(folder / "demo.py"), port)
    except SystemExit as end:
        if not str(end.code).startswith("Cannot listen"):
            raise
        print(end.code, file=sys.stderr)
        if getattr(end.__context__, "errno", None) in (errno.EADDRINUSE, errno.EACCES):
            on = f" --on {options.on}" if options.on else ""
            print(f"From here: {PYTHON} -m steps run {options.step}{on} --port 0", file=sys.stderr)
        else:
            print_advice(str(end.code))
        return 1
    except (Exception, KeyboardInterrupt) as error:
        print_traceback(error, folder, framework)
        if not (steps.FOLDER in folder.parents and steps.FOLDER in framework.parents):
            print_advice(str(error))
        return 1
    if on and on.step.number == 1:
        print("The demo has ended: in step 1, run() does nothing. Nobody listens.")
    return 0


def place(word, name):
    """Return (step or None, folder) for a step or stage of ours, or a folder of the reader's
    with a file NAME in it. Raises BadInput.
    """
    try:
        step = steps.find(word)
        return step, step.path(name).parent
    except steps.UnknownStep:
        if not re.search(r"[/\\]", word):
            raise
    from steps.engine.command.mine import must_be_readable, short, step_of

    must_be_readable(Path(word) / name)
    folder = Path(os.path.realpath(word))
    folder = folder.parent if os.path.isfile(folder) else folder
    if not os.path.isfile(folder / name):
        raise BadInput(f"there is no file {short(Path(word) / name)}")
    try:
        return step_of(folder), folder
    except BadInput:
        return None, folder


def headline(step, folder, on, framework):
    """Return what is served, in a line."""
    def told(step, folder):
        if not step or steps.FOLDER not in folder.parents:
            return f"your own {folder.name}"
        return f"{'step' if step is step.step else 'stage'} {step.number}, {step.name}"

    ours = step and steps.FOLDER in framework.parents
    if ours and on is step:
        return f"{told(step, folder).capitalize()}: {step.title}"
    if folder == framework:
        return f"Your own {folder.name}"
    return f"The demo of {told(step, folder)}, on the framework of {told(on, framework)}"


def look_at(path):
    """Say what looks wrong in a file of the reader's. Raises Trouble for what cannot run."""
    from steps.engine.command import judge, verdict
    from steps.engine.command.mine import short

    broken = judge.read_it(path)
    if broken:
        where = f"{short(path)}:{broken.line}" if broken.line else short(path)
        raise Trouble(f"{where}: {broken.sentence}")
    if path.name == "demo.py":
        verdict.print_slips(path.with_name("ownflask.py"))


def print_traceback(error, *folders):
    """Print the traceback of an error as `python3 demo.py` would: from the demo's own line on."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [Path(frame.filename).parent in folders for frame in frames]
    error = traceback.TracebackException.from_exception(error)
    error.stack = traceback.StackSummary.from_list(frames[theirs.index(True):] if any(theirs)
                                                   else [])
    print("".join(error.format()), end="", file=sys.stderr)


def print_advice(text):
    """Print what to do about an error that reads like TEXT, where that is known."""
    from steps.engine.command.advice import about

    if about(text):
        print(f"To do: {about(text)}", file=sys.stderr)


def read_port(text):
    """Return the number of a port, 0 to 65535. Raises BadInput."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= 65535):
        raise BadInput(f"--port takes a number from 0 to 65535, not {text[:20]!r}")
    return int(text)


class Announcing:
    """A stdout that, once a demo has announced its URL, says what to do with it."""

    def __init__(self, stdout, announce):
        self.stdout, self.announce, self.seen = stdout, announce, ""

    def __getattr__(self, name):
        return getattr(self.stdout, name)

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


def print_tries(tries, note, url):
    """Print what to try in another terminal."""
    if tries:
        print("In a browser, or in another terminal in this folder:")
    for words in tries:
        print(f"    {words.format(curl=CURL, python=PYTHON, url=url)}")
    for line in note.splitlines():
        print(line)
    sys.stdout.flush()
