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
import contextlib
import difflib
import functools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import steps
from docs.tools import markdown, pictures
from docs.tools.changes import block, pieces
from docs.tools.errata import errata_page, post
from docs.tools.flask_map import flask_map, in_flask, journey
from docs.tools.matrix import matrix
from docs.tools.same import PORT, as_read
from docs.tools.tables import contents, map_of_steps
from steps.engine import edits
from steps.engine.command import bug, cell, grade, grader, hint, judge
from steps.engine.command.diff import diff as diff_lines
from steps.engine.command.measure import changes
from steps.engine.command.verdict import in_a_line, in_ways
from steps.engine.server import free_port
from tests import exercises as further
from tests import mutants
from tests.behaviours import BEHAVIOURS

__all__ = [
    "change", "classroom", "contents", "diff", "differences", "errata_page", "excerpt",
    "exercises", "flask_map", "hunts", "in_flask", "interrupt", "journey", "limits",
    "map_of_steps", "matrix", "measured", "on_flask", "picture", "points", "post", "printed",
    "python", "run", "script", "serve", "shell", "size_picture", "sizes", "stop", "stuck",
]

TOOLS = Path(__file__).resolve().parent
LANGUAGES = {".py": "python", ".yml": "yaml", ".json": "json"}


class NotThere(Exception):
    """A page names a file, a symbol or a measurement that does not exist."""


# --- code

def fenced(text, language):
    """Print TEXT as a block of that language."""
    print(markdown.fenced(text, language))


def read(path):
    """Return the text of a file of the repository. Raises NotThere."""
    if not path.exists():
        raise NotThere(f"{path.relative_to(steps.ROOT).as_posix()} does not exist")
    return path.read_text(encoding="utf-8")


def excerpt(step, symbol, name="ownflask.py"):
    """Print a class, function or assignment of a step's file; "Flask.run" for a method."""
    source = read(steps.find(step).path(name))
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
    fenced(read(steps.ROOT / path), LANGUAGES[Path(path).suffix])


def change(stage, name="ownflask.py"):
    """Print what a stage changes in a file, for a reader who makes the same change by hand."""
    fenced(block(pieces(steps.find(stage), name)), "diff")


def diff(step):
    """Print, folded, what a step changed, as `python3 -m steps diff` does, and its files."""
    step = steps.find(step)
    count = changes()[step]["ownflask.py"]
    print(f"<details><summary>{count.added} lines of code added, {count.removed} removed"
          "</summary>\n")
    fenced("\n".join(diff_lines(steps.before(step), step)), "diff")
    links = " and ".join(f"[{name}](../steps/{step}/{name})" for name in step.files)
    print(f"\n</details>\n\nThe finished files: {links}; "
          f"`ownflask.py` has {count.size} lines of code now.")


# --- what happens

running = None
shown = 0           # how much of the running program's output was shown already


def run(step, on=None, silent=False, port=PORT, quiet=False):
    """Start a step's demo, with `on` on the framework of another step, and print what it says.

    step may be a command that serves at port 8000, too, with "cd FOLDER && " before it. It
    runs until the next run(), which shows the ^C that stops it, or the end of the page.
    silent: it does not say where it listens, or nothing true. port: the one that the page
    shows. quiet: nothing is printed.
    """
    global running, shown
    before = stopped()
    command = str(step)
    if " " not in command:
        command = f"python3 -m steps run {steps.find(step).number}"
        command += f" --on {steps.find(on).number}" if on else ""
    if silent:
        running = Silent(command)
        said = log()
        shown = len(said)
        first, _, more = as_read(said).partition("In a browser, or")
        return fenced(f"{before}$ {command}\n{first}{'...' if more else ''}", "console")
    folder, _, words = command.strip("()").rpartition(" && ")
    words = re.sub(rf"\b{PORT}$|(?<=127.0.0.1:){PORT}\b", "0", words)
    if words.startswith("python3 -m steps run") and "--port" not in words:
        words += f" --port {free_port()}"
    program, *arguments = words.split()
    # Without this, gunicorn keeps a file in the home folder of whoever refreshes the pages.
    os.environ["GUNICORN_CMD_ARGS"] = "--no-control-socket"
    running = steps.Server(
        [*installed(program), *arguments], cwd=steps.ROOT / folder.removeprefix("cd ")
    )
    said = log()
    shown = len(said)
    # What comes after the line with the URL differs, or proposes other things to try.
    first, url, after = said.partition(f":{running.port}")
    rest, _, more = after.partition("\n")
    dots = "\n..." if more.strip() else ""
    said = as_read(first + url + rest).replace(f":{PORT}", f":{port}") + dots
    if not quiet:
        fenced(f"{before}$ {command}\n{said}", "console")


def on_flask(path):
    """Start a program of ours on real Flask, with `flask` in its import; print that change."""
    global running, shown
    stop()
    old, new = "from ownflask import", "from flask import"
    source = edits.edited(read(steps.ROOT / path), [(old, new)], path)
    folder = Path(tempfile.mkdtemp(prefix="ownflask-flask-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    script = folder / Path(path).name
    script.write_text(source, encoding="utf-8")
    running = steps.launch(steps.FLASK, script, cwd=folder)
    shown = len(log())
    changed = [line for line in difflib.ndiff(read(steps.ROOT / path).splitlines(),
                                              source.splitlines()) if line[0] in "-+"]
    fenced("\n".join(line[0] + line[2:] for line in changed), "diff")


def installed(program):
    """Return the words that start a program as a reader calls it, from this environment."""
    if program == "python3":
        return [sys.executable, "-u", "-B"]
    return [str(Path(sys.executable).parent / Path(program).name)]


def serve(source, step):
    """Start an app of a few lines at the prompt of a step, and print it as a reader types it."""
    global running, shown
    before = stopped()
    lines = typed(source)
    running = Silent(f"python3 -m steps prompt {step}", f"{lines}\napp.run(port={{port}})\n")
    said = log()
    shown = len(said)
    fenced(f"{before}$ python3 -m steps prompt {step}\n{lines}\n>>> app.run()\n"
           f"{as_read(re.search('Running on .*', said)[0])}", "pycon")


def typed(source):
    """Return statements as they look at the prompt of python3, before they are run."""
    lines, shown = source.strip("\n").splitlines(), []
    for node in ast.parse(source.strip("\n")).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        statement = lines[first - 1:node.end_lineno]
        shown.append(">>> " + "\n... ".join(statement))
        if len(statement) > 1 and hasattr(node, "body"):
            shown.append("... ")
    return "\n".join(shown)


class Silent:
    """A command that listens where it is told, and need not say so; as steps.Server otherwise.

    typed: what is typed at its prompt, with {port} in it; without, the port is an argument.
    """

    def __init__(self, command, typed=""):
        self.port, self.at_a_prompt = free_port(), bool(typed)
        words = command.replace("python3", f"{sys.executable} -u", 1).split()
        self.file = tempfile.TemporaryFile()
        if not typed and "--port" not in words:
            words += ["--port", str(self.port)]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE,
            stdout=self.file, stderr=self.file, cwd=steps.ROOT, env=environment(), text=True,
        )
        for line in typed.splitlines():
            # As the prompt would: an empty line ends what stands indented.
            self.process.stdin.write(re.sub("^(>>> |[.]{3} ?)", "", line)
                                     .replace("{port}", str(self.port)) + "\n")
        self.process.stdin.flush()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if "http://" in self.log():
                return
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", self.port)).close()
            time.sleep(0.01)
        raise NotThere(f"{command} does not listen")

    def log(self):
        """Return what it has printed."""
        return os.pread(self.file.fileno(), 1 << 20, 0).decode()

    def stop(self):
        """End it."""
        self.process.kill()
        self.process.wait()


def stop():
    """Stop the running program."""
    global running
    if running:
        running.stop()
    running = None


def stopped():
    """Stop the running program; return what the reader's terminal shows of that."""
    if not running:
        return ""
    leaves = "\n>>> exit()" if getattr(running, "at_a_prompt", False) else ""
    stop()
    return f"^C{leaves}\n"


def interrupt(last):
    """Press Ctrl-C in the terminal of the running program, and print its last lines."""
    global running
    running.process.send_signal(signal.SIGINT)
    running.process.wait(30)
    lines = as_read(running.log()[shown:]).strip().splitlines()
    fenced("\n".join(["^C", *(["..."] if len(lines) > last else []), *lines[-last:]]), "console")
    stop()


# A shell starts background jobs deaf to Ctrl-C; those that are started here shall hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)
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


def shell(*commands, folder=steps.ROOT):
    """Run commands as a reader types them in the repository's folder; print both."""
    blocks = []
    for command in commands:
        real = command.replace(".venv/bin", str(Path(sys.executable).parent))
        port = running.port if running else free_port()
        real = re.sub(rf"(?<=127.0.0.1:){PORT}", str(port), real)
        if running:
            real = re.sub(r"(?<= steps run )[\d.]+", rf"\g<0> --port {port}", real)
        done = subprocess.run(
            ["bash", "-c", real], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), timeout=600,
        )
        said = as_read(done.stdout.decode()).replace(f"{folder}/", "")
        blocks.append(f"$ {command}\n{said}")
    fenced("\n".join(block.rstrip() for block in blocks), "console")


def python(source, step=None):
    """Run statements as if typed at the prompt of python3, with a step at that of `prompt STEP`."""
    command = "python3" + (f" -m steps prompt {step}" if step else "")
    step = step and steps.find(step)
    folders = (step.folder, step.demo.parent) if step else ()
    if running:
        source = source.replace(str(PORT), str(running.port))
    done = subprocess.run(
        [sys.executable, "-B", TOOLS / "prompt.py", *folders], input=source.strip("\n"),
        cwd=folders[-1] if step else steps.ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600,
    )
    said = done.stdout.replace(str(running.port), str(PORT)) if running else done.stdout
    fenced(f"$ {command}\n{as_read(said)}", "pycon")


@functools.cache
def environment():
    """Return the environment of a command: no proxy, no colours, a plain curl, our python3."""
    folder = Path(tempfile.mkdtemp(prefix="ownflask-shell-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / ".curlrc").write_text("no-progress-meter\n")
    (folder / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / "python3").chmod(0o755)
    kept = {name: value for name, value in os.environ.items()
            if "proxy" not in name.lower() and not name.startswith("PYTHON")}
    return {**kept, "CURL_HOME": str(folder), "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def measured(name):
    """Print an output that takes time to make, as `refresh --measure` stored it."""
    results = json.loads(read(TOOLS / "measured.json"))
    if name not in results:
        raise NotThere(f"docs/tools/measured.json has no {name}")
    # Without a command before it, a reader is not meant to type it, nor docs/tools/play.py.
    fenced(results[name], "console" if results[name].startswith("$ ") else "text")


# --- exercises

def exercises(step):
    """Print the exercises of a step as one list, and the hints for who writes it."""
    step = steps.find(step)
    number, hints, found = step.number, hint.of(step), further.of_step(step.number)
    print(f"`python3 -m steps start {number}` begins a step of your own in `my/{step}/`, and "
          f"`python3 -m steps check {number}` says what it lacks.\nOn top of it, each of these "
          f"has a check, the first one `python3 -m steps check {number} --exercise "
          f"{found[0].name}`:\n")
    of_stages = (f"; each stage has one of its own, the first one `python3 -m steps hint "
                 f"{step.stages[0].number}`" if step.stages else "")
    for each in found:
        print(f"- `{each.name}`: {markdown.plain(each.title)}.\n  {each.task}")
    print(f"- `python3 -m steps bug {number}`: A bug hunt.\n  One of {len(bug.of_step(step))} "
          "defects hides in a copy of the step, and you are told what a user sees.\n\n"
          f"Hints for the step, a question first{of_stages}:\n")
    for count, text in enumerate(hints, 1):
        print(f"<details><summary>Hint {count} of {len(hints)}</summary>\n\n{text}\n\n"
              "</details>\n")


# --- a class

def classroom(*commands):
    """Run commands as shell() does, in a copy of the course that has the work of a class."""
    shell(*commands, folder=class_folder())


@functools.cache
def class_folder():
    """Return a copy of what start, check, bug and grade need, with work/ of three learners."""
    folder = Path(tempfile.mkdtemp(prefix="ownflask-class-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("docs/tools", "steps", "tests"):
        shutil.copytree(steps.ROOT / name, folder / name,
                        ignore=shutil.ignore_patterns("__pycache__"))
    for learner, works in {
        "learner-01": {"skeleton": [], "server": [], "routing": []},
        "learner-02": {"skeleton": [], "server": "port_in_use_is_a_traceback",
                       "routing": "length_counts_characters"},
        "learner-03": {"skeleton": [], "routing": [("def do_GET(self):", "def do_GET(self)")]},
    }.items():
        for step, what in works.items():
            place = folder / "work" / learner / str(steps.find(step))
            place.mkdir(parents=True)
            (place / "ownflask.py").write_text(edited(step, what), encoding="utf-8")
    return folder


def edited(number, what):
    """Return the ownflask.py of a step with a mutant in it, or with pairs (old, new) replaced.

    "before" is the file of the step before, which is what `start` puts into my/.
    """
    if what == "before":
        return read(steps.before(steps.find(number)).folder / "ownflask.py")
    source = read(steps.find(number).folder / "ownflask.py")
    if isinstance(what, str):
        return mutants.load()[what].apply(source)
    try:
        return edits.edited(source, what, f"step {number}")
    except edits.DoesNotFit as error:
        raise NotThere(str(error))


def stuck(number, *cases):
    """Print what `check` says to typical mistakes in a step, as a list for the teacher.

    A case is (what, cause, question): `edited` explains what; the question is to be asked back.
    """
    for what, cause, question in cases:
        sentence, got = first_failure(number, edited(number, what))
        got = re.sub(r", '<!DOCTYPE.*", ", and a page", as_read(got))
        got = re.sub(r": it waited for .*", "", got)
        # Of an answer that a server made, what it printed tells more than its page.
        got = re.sub(r"^(5\d\d [\w ]+), .* (?=\(the server printed)", r"\1 ", got)
        got = got if len(got) < 130 else f"{got[:120]} ..."
        print(f"- *{markdown.plain(sentence)}*, came back: {markdown.code(got)}.\n  {cause}\n"
              f"  Ask: {question}")


def first_failure(number, source):
    """Return the sentence of the behaviour that `check` tells a file of, and what came back."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch).resolve()
        (scratch / "ownflask.py").write_text(source, encoding="utf-8")
        broken = judge.examine(scratch)
        if broken:
            return "It cannot be tried yet", broken.sentence
        failed = []
        # Those of the step itself are told first.
        order = sorted(judge.wanted(number), key=lambda each: each.since != number)
        with contextlib.closing(judge.judge(scratch, number, order)) as results:
            for result in results:
                if result.failure:
                    failed.append(result)
                    if result.behaviour.since == number:
                        break
    if failed:
        told = in_ways(failed, number)[0][0]
        return told.behaviour.sentence, in_a_line(told.failure.got)
    raise NotThere(f"a mistake in step {number} is none: all of it holds")


def hunts(*cases):
    """Print bugs that the demo alone shows, as a table: with the bug, and with our own step.

    A case is (bug, command); the command asks the demo at port 8000, and prints one line.
    Raises NotThere where both say the same.
    """
    print("| bug | how hard | type | with the bug | and without |\n|---|---|---|---|---|")
    for name, command in cases:
        step, number = bug.which(name)
        mutant = bug.of_step(step)[number - 1]
        buggy, right = (said_by_demo(step, source, command)
                        for source in (edited(step.number, mutant.name), edited(step.number, [])))
        if buggy == right:
            raise NotThere(f"{command} does not show bug {name}")
        cells = [f"`{name}`", bug.LEVELS[mutant.level], f"`{command}`",
                 *(markdown.code(said) if said else "nothing" for said in (buggy, right))]
        print("|", " | ".join(cells), "|")


def said_by_demo(step, source, command):
    """Return what a command prints that asks the demo of a step on an ownflask.py, its text."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "ownflask.py").write_text(source, encoding="utf-8")
        with steps.launch(folder, step.demo) as server:
            done = subprocess.run(
                ["bash", "-c", command.replace(f":{PORT}", f":{server.port}")],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment(), timeout=60)
    return as_read(done.stdout.decode()).strip()


def points():
    """Print how many points `grade` has for each step, and through it, as a table."""
    print("| step | its points | with `--through` it |\n|---|--:|--:|")
    total = 0
    for step in steps.STEPS:
        total += len(judge.wanted(step))
        print(f"| {step} | {len(judge.wanted(step))} | {total} |")


def limits():
    """Print the limits within which grade runs the work of a learner, as a table."""
    of = grader.LIMITS
    print("| limit | how much |\n|---|---|")
    for what, much in (
        ("for one answer, by its own time; once something has hung",
         f"{judge.ANSWER:g} s; {judge.AFTERWARDS:g} s"),
        ("for one start, one program, by its own time; once something has hung",
         f"{judge.PATIENCE:g} s; {judge.AFTERWARDS:g} s"),
        (f"of computing for a step; after {judge.HANGS} that hang, the rest is not tried",
         f"{judge.SECONDS:g} s"),
        ("for a step, come what may", f"{grade.A_STEP} s"),
        ("of computing, each process", f"{of.seconds} s"),
        ("of memory, each process", f"{of.memory >> 30} GiB"),
        ("in a file that it writes", f"{of.file >> 20} MiB"),
        ("in all files that it writes, where it is shut in", f"{cell.SIZE >> 20} MiB"),
        ("processes and threads, where it is not shut in more than you have running",
         f"{of.processes}"),
        ("in the Python files of a step", f"{grade.MOST:,} bytes"),
    ):
        print(f"| {what} | {much} |")


# --- real Flask

def differences(step, **reasons):
    """Print what a step does otherwise than real Flask, as a list, and why it does.

    reasons: a sentence for each of its behaviours that say so (`flask=`), by their names.
    Raises NotThere where one is missing, or one too many.
    """
    number = steps.find(step).number
    differ = {name: each for name, each in BEHAVIOURS.items()
              if each.since == number and each.flask}
    if differ.keys() != reasons.keys():
        raise NotThere(f"step {number} differs from Flask in {', '.join(differ) or 'nothing'}; "
                       f"the page gives reasons for {', '.join(reasons) or 'nothing'}")
    for name, each in differ.items():
        sentence = each.sentence
        if "." not in sentence.partition(" ")[0]:       # a name of the code stays as it is
            sentence = sentence[0].upper() + sentence[1:]
        print(f"- {markdown.plain(sentence)}.\n  Flask: {markdown.plain(each.flask[1])}.\n"
              f"  {reasons[name]}")


# --- pictures

def picture(step):
    """Print the picture of a request's way through a step, or a stage that has one."""
    step = steps.find(step)
    print(f"![{markdown.plain(pictures.alt(step))}](pictures/{pictures.file_name(step)})")


def size_picture(folder="pictures"):
    """Print the picture of how ownflask.py grows; folder: where it lies, seen from the page."""
    print(f"![{markdown.plain(pictures.sizes_alt())}]({folder}/sizes.svg)")


def sizes():
    """Print the lines of code of each step, and those it changed, as a table."""
    print("| step | lines in `ownflask.py` | added | removed | changed in `demo.py` |")
    print("|---|--:|--:|--:|--:|")
    for step, files in changes().items():
        framework, demo = files["ownflask.py"], files["demo.py"]
        print(f"| {step} | {framework.size} | {framework.added} | {framework.removed} "
              f"| {demo.added + demo.removed} |")
