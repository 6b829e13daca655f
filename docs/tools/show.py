"""What the chapters show, made from what is there: excerpts, diffs, sessions, tables.

Every block of code or output in a chapter stands between two comments:

    <!-- [[[cog excerpt("routing", "RequestHandler") ]]] -->
    ...
    <!-- [[[end]]] -->

cog calls the functions named there and puts what they print in between: `python3 -m steps
refresh` does it for all pages, and `test --all` fails where a page says something else.
A file, a symbol or a step that does not exist is an error that names the page and its line.
"""

import ast
import atexit
import functools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import steps
from docs.tools import pictures
from docs.tools.errata import errata, errata_page
from docs.tools.flask_map import flask_map, in_flask
from docs.tools.matrix import matrix
from docs.tools.same import PORT, as_read
from steps.command.diff import diff as diff_lines
from steps.command.measure import changes

__all__ = [
    "diff", "errata", "errata_page", "excerpt", "flask_map", "in_flask", "matrix", "measured",
    "picture", "printed", "python", "run", "script", "shell", "size_picture", "sizes", "stop",
]

TOOLS = Path(__file__).resolve().parent


class NotThere(Exception):
    """A page names a file, a symbol or a measurement that does not exist."""


# --- code

def fenced(text, language):
    """Print TEXT as a block of that language."""
    print(f"```{language}\n{text.rstrip()}\n```")


def read(path):
    """Return the text of a file of the repository. Raises NotThere."""
    if not path.exists():
        raise NotThere(f"{path.relative_to(steps.ROOT).as_posix()} does not exist")
    return path.read_text(encoding="utf-8")


def excerpt(step, symbol, name="ownflask.py"):
    """Print a class, function or assignment of a step's file; "Flask.run" for a method."""
    source = read(steps.find(step).folder / name)
    node = ast.parse(source)
    for part in symbol.split("."):
        node = next((each for each in node.body if part in names_of(each)), None)
        if node is None:
            raise NotThere(f"{steps.find(step)}/{name} has no {symbol}")
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    fenced("\n".join(source.splitlines()[first - 1:node.end_lineno]), "python")


def names_of(node):
    """Return the names that a statement defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def script(path):
    """Print a file of the repository from top to bottom."""
    fenced(read(steps.ROOT / path), "python")


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

running = None
shown = 0           # how much of the running program's output was shown already


def run(step, on=None):
    """Start a step's demo, with `on` on the framework of another step, and print what it says.

    step may be a command that serves at port 8000, too, with "cd FOLDER && " before it. It
    runs until the next run() or the end of the page.
    """
    global running, shown
    stop()
    command = str(step)
    if " " not in command:
        command = f"python3 -m steps run {step}" + (f" --on {on}" if on else "")
    folder, _, words = command.rpartition(" && ")
    words = re.sub(rf"\b{PORT}$|(?<=127.0.0.1:){PORT}\b", "0", words)
    words += " --port 0" if words.startswith("python3 -m steps run") else ""
    program, *arguments = words.split()
    # Without this, gunicorn keeps a file in the home folder of whoever refreshes the pages.
    os.environ["GUNICORN_CMD_ARGS"] = "--no-control-socket"
    running = steps.Server(
        [*installed(program), *arguments], cwd=steps.ROOT / folder.removeprefix("cd ")
    )
    said = log()
    shown = len(said)
    # What comes after the line with the URL differs, or proposes other things to try.
    before, url, after = said.partition(f":{running.port}")
    said = before + url + after.partition("\n")[0]
    fenced(f"$ {command}\n{as_read(said)}", "console")


def installed(program):
    """Return the words that start a program as a reader calls it, from this environment."""
    if program == "python3":
        return [sys.executable, "-u", "-B"]
    return [str(Path(sys.executable).parent / Path(program).name)]


def stop():
    """Stop the running program."""
    if running:
        running.stop()


atexit.register(stop)


def log():
    """Return what the running program has printed, once it has stopped printing."""
    said, deadline = running.log(), time.monotonic() + 5
    while time.monotonic() < deadline:
        time.sleep(0.1)     # there is no event: it may or may not have more to say
        before, said = said, running.log()
        if said == before:
            break
    return said


def printed(last=None):
    """Print what the program has printed since it was last shown; or only the last lines."""
    global shown
    said = log()
    lines = as_read(said[shown:]).strip().splitlines()
    shown = len(said)
    if last is not None and len(lines) > last:
        lines = ["...", *lines[-last:]]
    fenced("\n".join(lines), "console")


def shell(*commands):
    """Run commands as a reader types them in the repository's folder; print both."""
    blocks = []
    for command in commands:
        real = command.replace(".venv/bin", str(Path(sys.executable).parent))
        port = running.port if running else a_free_port()
        real = re.sub(rf"(?<=127.0.0.1:){PORT}|(?<=--port ){PORT}", str(port), real)
        done = subprocess.run(
            ["bash", "-c", real], cwd=steps.ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), timeout=60,
        )
        blocks.append(f"$ {command}\n{as_read(done.stdout.decode())}")
    fenced("\n".join(block.rstrip() for block in blocks), "console")


def a_free_port():
    """Return a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def python(source, step=None):
    """Run statements as if typed at the prompt of python3; step: in that step's folder."""
    folder = steps.find(step).folder if step else steps.ROOT
    if running:
        source = source.replace(str(PORT), str(running.port))
    done = subprocess.run(
        [sys.executable, "-B", TOOLS / "prompt.py", folder], input=source.strip("\n"),
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
    )
    said = done.stdout.replace(str(running.port), str(PORT)) if running else done.stdout
    fenced(as_read(said), "pycon")


@functools.cache
def environment():
    """Return the environment of a command: no proxy, no colours, a plain curl, our python3."""
    folder = Path(tempfile.mkdtemp(prefix="ownflask-shell-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / ".curlrc").write_text("no-progress-meter\n")
    (folder / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / "python3").chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    return {**kept, "CURL_HOME": str(folder), "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def measured(name):
    """Print an output that takes time to make, as `refresh --measure` stored it."""
    results = json.loads(read(TOOLS / "measured.json"))
    if name not in results:
        raise NotThere(f"docs/tools/measured.json has no {name}")
    fenced(results[name], "console")


# --- pictures

def picture(step):
    """Print the picture of a request's way through a step."""
    number = steps.find(step).number
    print(f"![{pictures.alt(number)}](pictures/journey_{number:02}.svg)")


def size_picture():
    """Print the picture of what each step weighs."""
    print(f"![{pictures.sizes_alt()}](pictures/sizes.svg)")


def sizes():
    """Print the lines of code of each step, and those it changed, as a table."""
    print("| step | lines in `ownflask.py` | added | removed | changed in `demo.py` |")
    print("|---|--:|--:|--:|--:|")
    for step, files in changes().items():
        framework, demo = files["ownflask.py"], files["demo.py"]
        print(f"| {step} | {framework.size} | {framework.added} | {framework.removed} "
              f"| {demo.added + demo.removed} |")
