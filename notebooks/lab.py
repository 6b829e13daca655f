"""The lab bench of the notebooks: start a step, speak to it, look inside, check an exercise.

    import lab
    server = lab.start(3)           # the demo of step 3; server.url starts it, and it stops itself
    lab.talk(server, b"GET / HTTP/1.1\\r\\n\\r\\n")
    demo, ownflask = lab.look(3)    # its modules, to look inside
    broken = lab.start(3, edit=("resp.encode()", "resp"))

A cell that begins with %%app holds a program of your own; `mine.on(3)` serves it on step 3:

    %%app mine
    from ownflask import Flask
"""

import atexit
import http.client
import importlib.util
import json
import os
import shlex
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


class MissingPackage(Exception):
    """This Python lacks a package that the notebooks need."""

    def _render_traceback_(self):
        return [str(self)]      # in a notebook the sentence says it all


for package in ("requests", "matplotlib"):
    if importlib.util.find_spec(package) is None:
        python = "py" if os.name == "nt" else "python3"
        raise MissingPackage(
            f"This Python has no package {package}: {sys.executable}\n"
            f"In the course's folder, `{python} -m steps lab` opens the notebooks with all they "
            "need."
        )

import requests  # noqa: E402

import steps  # noqa: E402
from steps.engine import edits  # noqa: E402

# A proxy that is set for the web would break requests to this machine.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"

SCRATCH = Path(tempfile.mkdtemp(prefix="ownflask-lab-"))
benches = {}


class Served:
    """A server on the bench: it starts when its url is first asked for, and again after stop().

    url: where it answers, as in "http://127.0.0.1:49152". port: the number in it.
    """

    def __init__(self, launch):
        self._launch, self._server, self._seen = launch, None, 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def running(self):
        """Return its steps.Server, started where there is none. Raises steps.NotServing."""
        if self._server and self._server.process.poll() is not None:
            self.stop()
        if self._server is None:
            self._server = self._launch()
            self._seen = len(self._server.log())
        return self._server

    @property
    def url(self):
        return self.running().url

    @property
    def port(self):
        return self.running().port

    def printed(self, last=None):
        """Print what the server has printed since it was last shown; or only the last lines."""
        said = self._server.log() if self._server else ""
        lines = said[self._seen:].strip().splitlines()
        self._seen = len(said)
        if last is not None and len(lines) > last:
            lines = ["...", *lines[-last:]]
        print("\n".join(lines))

    def stop(self):
        """Stop the server, if it runs."""
        if self._server:
            self._server.stop()
            self._server = None


def put(key, launch):
    """Put a Served on the bench, in the place of the one that was made of the same things."""
    if key in benches:
        benches[key].stop()
    benches[key] = Served(launch)
    return benches[key]


def stop():
    """Stop all servers."""
    for bench in benches.values():
        bench.stop()


def start(step, on=None, edit=None):
    """Return a Served with the demo of a step, on the framework of another with `on`.

    edit: (old, new), a piece of that framework's text and what stands there instead, in a
    copy. Raises steps.UnknownStep, and ValueError where the old text is not there.
    """
    step = steps.find(step)
    if edit is None:
        return put((step, on), lambda: steps.start(step, on=on))
    framework = edited(step if on is None else on, edit)
    return put((step, on, edit),
               lambda: steps.launch(framework, step.demo, cwd=step.demo.parent))


def edited(step, edit):
    """Return a folder with a copy of a step's files, one piece of ownflask.py replaced."""
    folder = Path(tempfile.mkdtemp(dir=SCRATCH))
    for name in steps.find(step).files:
        shutil.copy(steps.find(step).path(name), folder)
    path = folder / "ownflask.py"
    source = path.read_text(encoding="utf-8")
    path.write_text(edits.edited(source, [edit], f"step {step}", once=False), encoding="utf-8")
    return folder


class App:
    """A program of yours, the text of a cell. `on(step)` serves it."""

    def __init__(self, name, source):
        self.name, self.source = name, source

    def on(self, step, command=None, edit=None):
        """Return a Served with this program on a step's framework, or on "flask".

        command: a server's command line in the place of `python3 NAME.py`, as in
        "gunicorn NAME:app --bind 127.0.0.1:0". edit: as for start().
        """
        def launch():
            folder = Path(tempfile.mkdtemp(dir=SCRATCH))
            script = folder / f"{self.name}.py"
            script.write_text(self.source, encoding="utf-8")
            if step == steps.FLASK:
                framework = step
            else:
                framework = edited(step, edit) if edit else steps.find(step).folder
            if command is None:
                return steps.launch(framework, script, cwd=folder)
            shutil.copy(Path(framework, "ownflask.py"), folder)
            program, *words = shlex.split(command)
            return steps.Server([sys.executable, "-B", "-m", program, *words], cwd=folder)

        key = (self.name, step, command, edit, self.source)
        return benches[key] if key in benches else put(key, launch)


def app(line, cell):
    """%%app NAME: keep the program in this cell as NAME; NAME.on(STEP) serves it."""
    name = line.strip()
    if not name.isidentifier():
        raise ValueError("Give your program a name, as in: %%app mine")
    shell.user_ns.pop(name, None)           # after a slip there is no old program to be checked
    compile(cell, f"{name}.py", "exec")     # a slip is told at once, with its line
    for key, bench in benches.items():
        if key[0] == name:
            bench.stop()
    shell.user_ns[name] = App(name, cell)


def look(step, edit=None):
    """Return the modules (demo, ownflask) of a step, imported afresh; edit: as for start()."""
    folder = str(edited(step, edit) if edit else steps.find(step).folder)
    for name in ("demo", "ownflask"):
        sys.modules.pop(name, None)
    sys.path.insert(0, folder)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        importlib.invalidate_caches()
        return importlib.import_module("demo"), importlib.import_module("ownflask")
    finally:
        sys.path.remove(folder)
        sys.dont_write_bytecode = written


def talk(server, request, wait=5.0):
    """Send bytes to a server, print them and all that comes back, and return that.

    wait: how many seconds it may be silent.
    """
    for line in request.splitlines(keepends=True):
        print("you    ", line)
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), wait) as connection:
        try:
            connection.sendall(request)
            while data := connection.recv(65536):
                answer += data
        except TimeoutError:
            silent = True
        except ConnectionError:
            silent = False
        else:
            silent = False
    for line in answer.splitlines(keepends=True):
        print("server ", line)
    if silent:
        print(f"server  (silent for {wait:g} s)")
    elif not answer:
        print("server  (closed the connection without a word)")
    return answer


@contextmanager
def check():
    """Run the asserts of an exercise, and say "Right." or "Not yet", and why."""
    try:
        yield
    except AssertionError as error:
        print(f"Not yet: {error}")
    except NameError as error:
        print(f"Not yet: {error}. Run the cell that makes it first; "
              "one that ends in an error makes nothing.")
    except steps.NotServing as error:
        print(f"Not yet: your program does not serve: {error}")
    except (requests.Timeout, TimeoutError):
        print("Not yet: no answer came in time.")
    except (requests.ConnectionError, ConnectionError):
        print("Not yet: the server closed the connection without an answer.")
    except requests.exceptions.JSONDecodeError:
        print("Not yet: the answer is not JSON.")
    except Exception as error:
        print(f"Not yet: {type(error).__name__}: {error}")
    else:
        print("Right.")


# --- pictures (each imports matplotlib when it draws: most notebooks need not wait for it)

Answer = namedtuple("Answer", "sent began ended got")


def at_once(url, how_many):
    """GET url so many times at the same moment; return an Answer each, in order of coming.

    The view must return {"began": ..., "ended": ...}, both by time.time(). An Answer has the
    seconds since the first was sent: when it was sent, when the view began and ended, when
    the answer was there. Raises ValueError for another answer, and what http.client raises.
    """
    gate, target = threading.Barrier(how_many), urlsplit(url)

    def ask(_):
        # Not with requests: it works so hard for each that twelve are no longer at once.
        connection = http.client.HTTPConnection(target.hostname, target.port, timeout=10)
        gate.wait()
        sent = time.time()
        connection.request("GET", target.path)
        text = connection.getresponse().read()
        try:
            inside = json.loads(text)
            return Answer(sent, inside["began"], inside["ended"], time.time())
        except (ValueError, LookupError, TypeError):
            raise ValueError(f"an answer is not JSON with began and ended, but {text[:40]}")

    with ThreadPoolExecutor(how_many) as pool:
        answers = list(pool.map(ask, range(how_many)))
    first = min(answer.sent for answer in answers)
    return sorted((Answer(*(when - first for when in answer)) for answer in answers),
                  key=lambda answer: answer.got)


def most_at_once(answers):
    """Return how many of the Answers were inside their view at the same moment, at the most."""
    return max(sum(other.began <= answer.began < other.ended for other in answers)
               for answer in answers)


WAITING, INSIDE = "#c9d3dc", "#1f5f8b"


def timeline(runs):
    """Draw {title: Answers}, two in a row: a bar each, pale while it waits, dark in the view."""
    import matplotlib.pyplot as plt

    rows = -(-len(runs) // 2)
    figure, panels = plt.subplots(rows, 2, figsize=(7.4, 3 * rows), sharex=True, sharey=True,
                                  squeeze=False, layout="constrained")
    for panel, (title, answers) in zip(panels.flat, runs.items(), strict=False):
        for row, answer in enumerate(answers, 1):
            panel.barh(row, answer.got - answer.sent, left=answer.sent, color=WAITING)
            panel.barh(row, answer.ended - answer.began, left=answer.began, color=INSIDE)
        panel.set_title(title, fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    for panel in panels[-1]:
        panel.set_xlabel("seconds")
    for panel in panels[:, 0]:
        panel.set_ylabel("request")
    panels[0][0].set_yticks(range(1, max(map(len, runs.values())) + 1))
    panels[0][0].invert_yaxis()
    bars = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (WAITING, INSIDE)]
    figure.legend(bars, ["waits", "is inside the view"], loc="outside lower center", ncols=2,
                  frameon=False)
    plt.show()


SHADES = {"": "#e4e4e4", "2": "#b7dfc0", "4": "#f6d9a8", "5": "#efb8b8"}


def grid(server, methods, paths):
    """Return {path: {method: status}} of what a server answers; "" where it gives no answer."""
    return {path: {method: status(method, server.url + path) for method in methods}
            for path in paths}


def status(method, url):
    """Return the status of an answer as text, or "" where none comes."""
    try:
        return str(requests.request(method, url, timeout=5).status_code)
    except requests.ConnectionError:
        return ""


def draw_grids(grids):
    """Draw {title: what grid() returned} side by side, each status in the shade of its class."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(grids), figsize=(4.6 * len(grids), 2.4),
                                  squeeze=False, layout="constrained")
    for panel, (title, rows) in zip(panels[0], grids.items(), strict=True):
        methods = list(next(iter(rows.values())))
        for y, row in enumerate(rows.values()):
            for x, got in enumerate(row.values()):
                panel.add_patch(plt.Rectangle((x, y), 1, 1, facecolor=SHADES[got[:1]],
                                              edgecolor="white", linewidth=2))
                panel.text(x + 0.5, y + 0.5, got or "none", ha="center", va="center")
        panel.set(xlim=(0, len(methods)), ylim=(len(rows), 0))
        panel.set_xticks([x + 0.5 for x in range(len(methods))], methods)
        panel.set_yticks([y + 0.5 for y in range(len(rows))], list(rows))
        panel.xaxis.tick_top()
        panel.tick_params(length=0)
        panel.spines[:].set_visible(False)
        panel.set_title(title, fontsize=10)
    plt.show()


# --- leaving nothing behind

def after_cell(result):
    """Stop all servers after a cell that failed; the next cell that wants one starts it anew."""
    if not result.success:
        stop()


def clean_up():
    """Stop all servers and remove their programs."""
    stop()
    shutil.rmtree(SCRATCH, ignore_errors=True)


def clean_up_first(shut_down):
    """Return a kernel's do_shutdown that cleans up before it does its own work."""
    def do_shutdown(restart):
        clean_up()      # later, the kernel would wait in vain for our servers to leave
        return shut_down(restart)
    return do_shutdown


atexit.register(clean_up)

try:
    shell = get_ipython()
except NameError:
    shell = None        # imported by something that is no notebook
else:
    shell.events.register("post_run_cell", after_cell)
    shell.register_magic_function(app, "cell")
    shell.kernel.do_shutdown = clean_up_first(shell.kernel.do_shutdown)
