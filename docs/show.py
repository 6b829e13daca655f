"""What the chapters show, made from what is there: excerpts, diffs, sessions, tables.

Every block of code or output in a chapter stands between two comments:

    <!-- [[[cog excerpt("routing", "RequestHandler") ]]] -->
    ...
    <!-- [[[end]]] -->

cog calls the functions named there and puts what they print in between. `python3 -m steps
refresh` does that for all pages; `test --all` fails where a page says something else.
A file, a symbol or a step that does not exist is an error that names the chapter's line.
"""

import ast
import atexit
import code
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import steps
from steps.command.diff import diff as diff_lines
from steps.command.measure import changes

DOCS = Path(__file__).resolve().parent
PORT = 8000         # what readers see in the place of the port that was free


class NotThere(Exception):
    """A chapter names a file, a symbol or a line that does not exist."""


# --- code

def fenced(text, language):
    """Print TEXT as a block of that language."""
    print(f"```{language}\n{text.rstrip()}\n```")


def excerpt(step, symbol, name="ownflask.py"):
    """Print a class, function or assignment of a step's file; "Flask.run" for a method."""
    path = steps.find(step).folder / name
    if not path.exists():
        raise NotThere(f"{path.relative_to(steps.ROOT)} does not exist")
    source = path.read_text(encoding="utf-8")
    nodes = ast.parse(source).body
    for part in symbol.split("."):
        node = next((node for node in nodes if part in names_of(node)), None)
        if node is None:
            raise NotThere(f"{path.relative_to(steps.ROOT)} has no {symbol}")
        nodes = getattr(node, "body", [])
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    fenced("\n".join(source.splitlines()[first - 1:node.end_lineno]), "python")


def names_of(node):
    """Return the names that a statement defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def whole(step, name):
    """Print a step's file from top to bottom."""
    fenced((steps.find(step).folder / name).read_text(encoding="utf-8"), "python")


def diff(step):
    """Print what a step changed, against the step before, as `python3 -m steps diff` does."""
    step = steps.find(step)
    fenced("\n".join(diff_lines(steps.before(step), step)), "diff")
    change = changes()[step]["ownflask.py"]
    links = " and ".join(f"[{name}](../steps/{step}/{name})" for name in step.files)
    print(
        f"\nThat is {change.added} lines of code added and {change.removed} removed"
        f" in `ownflask.py`, which has {change.size} now.\nThe finished files: {links}."
    )


# --- what happens

class Demo(steps.Server):
    """`python3 -m steps run ...` as a reader types it, on a free port."""

    pattern = re.compile(r"Running on http://[\w.]+:(\d+)")


running = None
shown = 0           # how much of the running demo's output was shown already


def run(step, on=None):
    """Start a step's demo, with `on` on the framework of another step, and print what it says.

    It runs until the next run() or the end of the chapter.
    """
    global running, shown
    stop()
    words = ["run", str(step), *(["--on", str(on)] if on else [])]
    command = [sys.executable, "-B", "-m", "steps", *words, "--port", "0"]
    running = Demo(command, cwd=steps.ROOT)
    shown = len(running.log())
    fenced(f"$ python3 -m steps {' '.join(words)}\n{as_read(running.log())}", "console")


def stop():
    """Stop the running demo."""
    if running:
        running.stop()


atexit.register(stop)


def shell(*commands):
    """Run commands as a reader types them in the repository's folder; print both."""
    blocks = []
    for command in commands:
        real = command
        if running:
            real = real.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{running.port}")
        done = subprocess.run(
            ["bash", "-c", real], cwd=steps.ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), timeout=60,
        )
        blocks.append(f"$ {command}\n{as_read(done.stdout.decode())}")
    fenced("\n".join(block.rstrip() for block in blocks), "console")


def printed(last=None):
    """Print what the running demo has printed since it was last shown; or only its last lines."""
    global shown
    time.sleep(0.05)        # the line for the log is written after the answer
    text = as_read(running.log()[shown:])
    shown = len(running.log())
    lines = text.rstrip().splitlines()
    if last is not None and len(lines) > last:
        lines = ["...", *lines[-last:]]
    fenced("\n".join(lines), "console")


def python(source, step=None):
    """Run statements as if typed at the prompt of python3; step: in that step's folder."""
    folder = str(steps.find(step).folder) if step else str(steps.ROOT)
    done = subprocess.run(
        [sys.executable, "-I", "-B", __file__, folder], input=source.strip("\n"), cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
    )
    fenced(as_read(done.stdout), "pycon")


def interact(source, folder):
    """Print SOURCE statement by statement, each with what it prints (the child of python())."""
    sys.path.insert(0, folder)
    lines = source.splitlines()
    console = code.InteractiveInterpreter()
    for node in ast.parse(source).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        statement = lines[first - 1:node.end_lineno]
        print(">>> " + "\n... ".join(statement))
        if len(statement) > 1 and hasattr(node, "body"):
            print("... ")
        with contextlib.redirect_stderr(sys.stdout):
            console.runsource("\n".join([*statement, ""]), "<stdin>", "single")


def environment():
    """Return the environment of a command: no proxy, no colours, a plain curl, our python3."""
    folder = Path(tempfile.gettempdir(), "ownflask-shell")
    folder.mkdir(exist_ok=True)
    (folder / ".curlrc").write_text("no-progress-meter\n")
    python3 = folder / "python3"
    if not python3.exists() or os.readlink(python3) != sys.executable:
        python3.unlink(missing_ok=True)
        python3.symlink_to(sys.executable)
    kept = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    return {**kept, "CURL_HOME": str(folder), "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


SAME_EVERY_TIME = [
    (r"\r", ""),
    (r"127\.0\.0\.1:\d{4,5}", f"127.0.0.1:{PORT}"),
    (r"(?<=port )\d{5}", str(PORT)),
    (r"\('127\.0\.0\.1', \d+\)", "('127.0.0.1', 50000)"),
    (r"(?m)^(Date: ).*", r"\1Sun, 22 Nov 2026 10:00:00 GMT"),
    (r"\[\d\d/\w{3}/\d{4} [\d:]{8}\]", "[22/Nov/2026 10:00:00]"),
    (r"((?:Python|CPython)/\d+\.\d+)[\w.+]*", r"\1"),
    (re.escape(str(steps.ROOT)) + "/", ""),
    (r'(?<=File ")/[^"]*/(?=python3\.\d+/)', "/usr/lib/"),
    (r" at 0x[0-9a-f]{6,}", " at 0x7f0000000000"),
]


def as_read(text):
    """Return a program's output with ports, dates and paths as they stand in the chapters."""
    for pattern, same in SAME_EVERY_TIME:
        text = re.sub(pattern, same, text)
    return text


def measured(name):
    """Print an output that takes time to make, as docs/measure.py stored it."""
    fenced(json.loads((DOCS / "measured.json").read_text(encoding="utf-8"))[name], "console")


if __name__ == "__main__":
    interact(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8").read(), sys.argv[1])
