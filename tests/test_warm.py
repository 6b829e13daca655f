"""A program that is forked from a warm Python meets what one meets that is started plainly."""

import json
import os
import signal
import subprocess
import sys

import pytest

import steps
from steps.engine.server import CHILD
from tests import warm
from tests.course import PATIENCE

pytestmark = pytest.mark.skipif(not warm.LINUX, reason="everything is started plainly here")

LOOKS = """
import json, os, signal, sys
here = {name: value for name, value in os.environ.items() if name != "_"}
print(json.dumps({
    "argv": sys.argv, "path": sys.path, "flags": str(sys.flags), "cwd": os.getcwd(), "env": here,
    "name": __name__, "file": __file__, "main": sys.modules["__main__"].__file__,
    "signals": [str(signal.getsignal(n)).split(" at ")[0] for n in sorted(signal.valid_signals())],
    "files": sorted(os.listdir("/proc/self/fd")), "stdin": sys.stdin.read(),
    "out": [sys.stdout.encoding, sys.stdout.line_buffering, sys.stderr.line_buffering],
    "modules": sorted(sys.modules), "threads": len(os.listdir("/proc/self/task")),
    "session": [os.getsid(0), os.getpgid(0)],
}))
"""


@pytest.fixture
def write(tmp_path):
    """A function (text) that writes a program and returns the command that runs it."""
    def write(text):
        (tmp_path / "ownflask.py").write_text("class Flask: ...\n")
        (tmp_path / "program.py").write_text(text)
        return [sys.executable, *warm.PLAIN, str(CHILD), str(tmp_path),
                str(tmp_path / "program.py"), "-", "a", "b c"]

    return write


def both(command, **options):
    """Return what subprocess.run() and warm.run() make of a command."""
    plain = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=PATIENCE, **options)
    before = warm.forks
    forked = warm.run(command, PATIENCE, **options)
    assert warm.forks == before + 1, "it was not forked"
    return plain, forked


def test_it_sees_the_same(write, tmp_path):
    environment = {**os.environ, "ONLY": "here"}
    plain, forked = (json.loads(done.stdout)
                     for done in both(write(LOOKS), cwd=tmp_path, env=environment))
    more = set(forked.pop("modules")) - set(plain.pop("modules"))
    assert {name.partition(".")[0] for name in more} <= sys.stdlib_module_names
    assert forked == plain
    assert plain["argv"][1:] == ["a", "b c"] and plain["env"]["ONLY"] == "here"


@pytest.mark.parametrize("end", [
    "", "raise SystemExit(3)", "raise SystemExit('so')", "1 / 0", "import os; os._exit(4)",
    "import os; os.kill(os.getpid(), 9)", "raise KeyboardInterrupt",
    "import atexit; atexit.register(print, 'at exit')",
    "import threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(0.2), print('after all'))).start()",
])
def test_it_ends_the_same(write, end):
    plain, forked = both(write(f"print('begun')\n{end}\n"))
    assert (forked.returncode, forked.stdout) == (plain.returncode, plain.stdout)
    assert forked.stderr.splitlines()[-1:] == plain.stderr.splitlines()[-1:]


@pytest.mark.parametrize("words", [(), ("diff", "5"), ("run", "1"), ("run", "nope"), ("hint",)])
def test_the_command_does_the_same(words):
    plain, forked = both([sys.executable, "-B", "-m", "steps", *words], cwd=steps.ROOT)
    assert (forked.returncode, forked.stdout, forked.stderr) == \
        (plain.returncode, plain.stdout, plain.stderr)


@pytest.mark.all
def test_a_fork_costs_less_than_a_start(write, record_property):
    command, seconds = write("import http.server, json\n"), {}
    for name, start in (("started", subprocess.run), ("forked", warm.run)):
        warm.stop()     # or its children are not counted
        before = os.times()
        for _ in range(20):
            start(command, timeout=PATIENCE)
        warm.stop()
        after = os.times()
        seconds[name] = sum(after[:4]) - sum(before[:4])
    record_property("measured", "CPU of a program that imports http.server, of 20: " + ", ".join(
        f"{name} {each / 20 * 1000:.0f} ms" for name, each in seconds.items()))


def test_one_program_leaves_nothing_to_the_next(write, tmp_path):
    spoil = "import json, os, signal, sys\njson.loads = None\nsys.modules['left'] = json\n" \
            "os.environ['LEFT'] = '1'\nos.chdir('/')\nsignal.signal(signal.SIGTERM, print)\n" \
            "sys.path.append('/left')\nimport ownflask\n"
    before, spoiled, after = (warm.run(write(text), PATIENCE, cwd=tmp_path)
                              for text in (LOOKS, spoil, LOOKS))
    assert spoiled.returncode == 0, spoiled.stderr
    before, after = json.loads(before.stdout), json.loads(after.stdout)
    assert after == before


def test_it_can_be_stopped_and_polled(write):
    command = write("import time\nprint('http://127.0.0.1:1/', flush=True)\ntime.sleep(600)\n")
    with steps.Server(command, wait=PATIENCE) as server:
        assert isinstance(server.process, warm.Forked) and server.process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.01)
    assert server.process.returncode == -signal.SIGTERM


def test_a_warm_python_that_was_killed_is_started_anew(write):
    command = write("print('here')\n")
    assert warm.run(command, PATIENCE).stdout == "here\n"
    warm.warm[warm.kind_of(command)][1].kill()
    assert warm.run(command, PATIENCE).stdout == "here\n"


@pytest.mark.parametrize("command, options", [
    ([sys.executable, "-c", "pass"], {}),
    ([sys.executable, "-B", "-m", "json.tool", "--help"], {}),
    ([sys.executable, "-B", "-m", "steps"], {"env": {**os.environ, "PYTHONUTF8": "1"}}),
])
def test_what_a_warm_python_cannot_be_is_started_plainly(command, options):
    before = warm.forks
    assert warm.run(command, PATIENCE, cwd=steps.ROOT, **options).returncode == 0
    assert warm.forks == before
