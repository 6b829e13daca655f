"""A program that is forked from a warm Python meets what one meets that is started plainly."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import steps
from steps.engine.command import judge
from steps.engine.limits import Limits
from steps.engine.patience import computed
from steps.engine.server import CHILD
from steps.engine.warm import LINUX, Forked, Warm
from tests import warm
from tests.behaviours import Bench
from tests.course import PATIENCE

pytestmark = pytest.mark.skipif(not LINUX, reason="everything is started plainly here")

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
    "session": [os.getsid(0), os.getpgid(0)], "pid": os.getpid(),
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
    before = warm.pythons.forks
    forked = warm.run(command, PATIENCE, **options)
    assert warm.pythons.forks == before + 1, "it was not forked"
    return plain, forked


def test_it_sees_the_same(write, tmp_path):
    environment = {**os.environ, "ONLY": "here"}
    plain, forked = (json.loads(done.stdout)
                     for done in both(write(LOOKS), cwd=tmp_path, env=environment))
    assert forked.pop("pid") != plain.pop("pid")
    more = set(forked.pop("modules")) - set(plain.pop("modules"))
    assert {name.partition(".")[0] for name in more} <= sys.stdlib_module_names
    assert forked == plain
    assert plain["argv"][1:] == ["a", "b c"] and plain["env"]["ONLY"] == "here"


ENDS = [
    "", "raise SystemExit(3)", "raise SystemExit('so')", "1 / 0", "import os; os._exit(4)",
    "import os; os.kill(os.getpid(), 9)", "raise KeyboardInterrupt",
    "import atexit; atexit.register(print, 'at exit')",
    "import threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(0.2), print('after all'))).start()",
]


@pytest.mark.parametrize("end", ENDS)
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
        warm.pythons.end()     # or its children are not counted
        before = os.times()
        for _ in range(20):
            start(command, timeout=PATIENCE)
        warm.pythons.end()
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
    assert after.pop("pid") != before.pop("pid") and after == before


def test_it_can_be_stopped_and_polled(write):
    command = write("import time\nprint('http://127.0.0.1:1/', flush=True)\ntime.sleep(600)\n")
    with steps.Server(command, wait=PATIENCE) as server:
        assert isinstance(server.process, Forked) and server.process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.01)
    assert server.process.returncode == -signal.SIGTERM


def test_after_a_warm_python_was_killed_all_goes_on(write):
    command, warm = write("print('here')\n"), Warm(longest=PATIENCE)
    with open(os.devnull, "w") as nothing:
        for forks in (1, 1, 1):
            assert warm.popen(command, None, nothing, nothing).wait(PATIENCE) == 0
            assert warm.forks == forks
            [os.kill(pid, signal.SIGKILL) for pid in warm.pids()]
    warm.end()


@pytest.mark.parametrize("command, options", [
    ([sys.executable, "-c", "pass"], {}),
    ([sys.executable, "-B", "-m", "json.tool", "--help"], {}),
    ([sys.executable, "-B", "-m", "steps"], {"env": {**os.environ, "PYTHONUTF8": "1"}}),
])
def test_what_a_warm_python_cannot_be_is_started_plainly(command, options):
    before = warm.pythons.forks
    assert warm.run(command, PATIENCE, cwd=steps.ROOT, **options).returncode == 0
    assert warm.pythons.forks == before


# --- the programs of a file that `check` judges: forks of a Python that has imported that file

@pytest.fixture
def three(tmp_path):
    """A function (framework, program, forks) -> what came of it started plainly, and twice warm.

    framework, program: text. forks: whether it is to be forked where that is possible.
    """
    def three(framework, program, forks=True):
        (tmp_path / "ownflask.py").write_text(framework)
        (tmp_path / "program.py").write_text(program)
        said = []
        for popen in (subprocess.Popen, warm.popen, warm.popen):
            with steps.launch(tmp_path, tmp_path / "program.py", ["a", "b c"], cwd=tmp_path,
                              or_ended=True, wait=PATIENCE, limits=Limits(), popen=popen) as server:
                assert isinstance(server.process, Forked) == (forks and popen == warm.popen)
                code = server.process.wait(PATIENCE)
            said.append(f"{server.log()}\nexit code {code}")
        return said

    warm = Warm(longest=PATIENCE)
    yield three
    warm.end()


def test_a_program_of_a_judged_file_sees_the_same(three):
    plain, *forked = (json.loads(each.splitlines()[0])
                      for each in three("class Flask: ...\n", LOOKS))
    for each in (plain, *forked):
        assert each.pop("session") == [each.pop("pid")] * 2
    modules = [set(each.pop("modules")) for each in (plain, *forked)]
    assert not any("." in name for name in (modules[1] | modules[2]) - modules[0])
    assert forked == [plain, plain]


@pytest.mark.parametrize("end", [
    *ENDS, "print('never closed', file=open(1, 'w'))",
    "class Last:\n    __del__ = lambda self: print('deleted')\nlast = Last()",
])
def test_a_program_of_a_judged_file_ends_the_same(three, end):
    plain, *forked = three("class Flask: ...\n", f"print('begun')\n{end}\n")
    last = [each.splitlines()[-2:] for each in (plain, *forked)]
    assert last[0] == last[1] == last[2]


@pytest.mark.parametrize("imports, uses", [
    ("http", "http.server.HTTPServer"), ("http", "http.client.HTTPResponse"),
    ("urllib", "urllib.parse.quote"), ("xml", "xml.etree.ElementTree"), ("os", "os.path.join"),
    ("json", "json.decoder.JSONDecoder"), ("email", "email.parser.Parser"),
    ("wsgiref", "wsgiref.util.FileWrapper"), ("concurrent", "concurrent.futures.Future"),
    ("importlib", "importlib.resources.files"), ("logging", "logging.handlers.QueueHandler"),
    ("collections", "collections.abc.Mapping"), ("http.server", "http.client.HTTPResponse"),
    ("html", "html.parser.HTMLParser"),
])
def test_what_a_judged_file_forgets_to_import_is_missing(three, imports, uses):
    plain, *forked = three(f"import {imports}\nclass Flask:\n    use = lambda self: {uses}\n",
                           "import ownflask\nprint(ownflask.Flask().use().__name__)\n")
    last = [each.splitlines()[-3:] for each in (plain, *forked)]
    assert last[0] == last[1] == last[2]
    missing = uses.partition(".")[0] == imports and imports not in ("os", "json", "collections")
    assert ("AttributeError: module" in plain) == missing


@pytest.mark.parametrize("does", [
    "import threading, time; threading.Thread(target=time.sleep, args=[1], daemon=True).start()",
    "file = open(__file__)", "print('imported', flush=True)", "import os; os.chdir('/')",
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', ''])",
    "import os; os.fork() or os._exit(0)", "import os; os.closerange(3, 4096)",
    "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "import signal; signal.alarm(600)", "open('x', 'w').close()", "import os; here = os.getcwd()",
    "import os; os.mkdir('new')", "from pathlib import Path; log = Path('x').absolute()",
    "import sqlite3; sqlite3.connect('x').close()", "import mmap; shared = mmap.mmap(-1, 1)",
    "import tempfile; folder = tempfile.TemporaryDirectory()", "import os; me = os.getpid()",
    "import os; os.dup2(1, 0)", "import multiprocessing",
])
def test_a_file_that_does_more_than_to_define_is_started_each_time(three, does):
    tidy = "import os\nif os.path.exists('new'): os.rmdir('new')\nprint('begun')\n"
    plain, *started = three(f"{does}\nclass Flask: ...\n", tidy, forks=False)
    assert started == [plain, plain] and "begun" in plain


def test_what_an_import_leaves_in_the_buffer_each_program_prints(three):
    plain, *forked = three("print('imported')\nclass Flask: ...\n", "print('begun')\n")
    assert forked == [plain, plain] and plain.startswith("imported\nbegun\n")


def test_a_forked_program_ends_with_its_server_and_the_python_with_its_judge(write):
    warm, command = Warm(longest=PATIENCE), write(
        "import time\nprint('http://127.0.0.1:1/', flush=True)\ntime.sleep(600)\n")
    with steps.Server(command, wait=PATIENCE, limits=Limits(), popen=warm.popen) as server:
        assert isinstance(server.process, Forked) and warm.pids() != []
        pids = [server.process.pid, *warm.pids()]
        assert "program.py" in server.stack()
    assert server.process.returncode == -signal.SIGKILL
    warm.end()
    for pid in pids:
        wait_for_the_end(pid)


def test_a_program_that_ends_whoever_forked_it_ends_itself(write):
    warm, command = Warm(longest=PATIENCE), write(
        "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(600)\n")
    for forks in (1, 2):
        with steps.Server(command, or_ended=True, wait=PATIENCE, limits=Limits(),
                          popen=warm.popen) as server:
            assert warm.forks == forks and server.process.wait(PATIENCE) == -signal.SIGKILL
        wait_for_the_end(server.process.pid)
    warm.end()


def wait_for_the_end(pid):
    """Return when there is no such process any more, or nobody but init has to look after it."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.01)
    pytest.fail(f"process {pid} goes on")


def test_what_forked_programs_compute_is_counted(write, tmp_path):
    command = write("import time\nwhile time.process_time() < 0.5: pass\n")
    warm, before = Warm(longest=PATIENCE), computed()
    with open(tmp_path / "log", "w") as log:
        for _ in range(2):
            warm.popen(command, None, log, log).wait(PATIENCE)
        while computed(*warm.pids()) - before < 1:      # that they have ended is soon seen
            warm.popen(write(""), None, log, log).wait(PATIENCE)
    warm.end()
    assert warm.forks > 2 and computed() - before >= 1


@pytest.mark.parametrize("limits, forks", [(None, True), (Limits(), False)])
def test_programs_are_forked_where_nobody_is_a_stranger(monkeypatch, limits, forks):
    benches = []
    monkeypatch.setattr(judge, "Bench", lambda *words, **options: benches.append(
        Bench(*words, **options)) or benches[0])
    own = [each for each in judge.wanted(9) if each.tool == "program"][:1]
    [result] = judge.judge(steps.find(9).folder, 9, own, limits)
    assert result.holds and (benches[0].warm is not None) == forks


@pytest.mark.all
@pytest.mark.parametrize("file, held_to", [(12, 13), (2, 9)])
def test_a_file_is_judged_the_same_both_ways(file, held_to):
    plain, forked = (
        [(each.behaviour.name, type(each.failure), each.line, each.failure and each.failure.asked)
         for each in judge.judge(steps.find(file).folder, held_to, limits=limits)]
        for limits in (Limits(), None))
    assert forked == plain
