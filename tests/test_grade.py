"""Grading a class: what attackers try, what goes wrong by itself, and the files that it writes."""

import contextlib
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

import steps
from steps.engine.command import cell, grade, main
from steps.engine.command.judge import wanted
from steps.engine.limits import Limits
from steps.engine.server import BUFFERED
from tests.course import PATIENCE, command, said
from tests.test_check import ours

LAST = len(steps.STEPS)
FULL = {number: len(wanted(number)) for number in range(1, LAST + 1)}
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


def hand_in(folder, learner, step, text):
    place = folder / learner / str(steps.find(step))
    place.mkdir(parents=True, exist_ok=True)
    (place / "ownflask.py").write_text(text, encoding="utf-8")


@pytest.fixture
def graded(tmp_path, monkeypatch, capsys):
    """A function: grade these words in this process, as the command does, and tell all of it."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(grade, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    handlers = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}

    def run(*words):
        results = tmp_path / "results.json"
        code = main(["grade", *map(str, words), "--json", str(results)])
        told = json.loads(results.read_text(encoding="utf-8"))
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err, text=results.read_text("utf-8"),
                               learners=told["learners"], not_shut_in=told["not_shut_in"])

    yield run
    for each, handler in handlers.items():
        signal.signal(each, handler)


def points(result):
    """Return {learner: {step: points}}."""
    return {name: {int(number): row["points"] for number, row in each["steps"].items()}
            for name, each in result.learners.items()}


@pytest.fixture
def shut_in(graded):
    """The same, where learners can be shut in here; else the test is skipped."""
    run = grade.Run(Path(), 1, True)
    run.find_a_way()
    if run.not_held:
        pytest.skip(f"learners cannot be shut in here: {run.not_held}")
    return graded


# --- what is handed in, and by whom

def test_learners_are_the_folders_and_nothing_that_a_system_adds(tmp_path):
    for name in ("alice", "__MACOSX", ".git", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").touch()
    assert list(grade.everybody(tmp_path)) == ["alice"]


def test_one_folder_with_steps_in_it_is_one_learner(tmp_path):
    hand_in(tmp_path, "repository/my", 1, ours(1))
    for folder in (tmp_path / "repository" / "my", tmp_path / "repository"):
        assert list(grade.everybody(folder)) == [folder.name]
        assert grade.handed_in(folder, 1) == {1: {"ownflask.py": ours(1)}}


def test_a_learner_among_the_steps_is_asked_about(tmp_path):
    hand_in(tmp_path, "alice", 1, ours(1))
    hand_in(tmp_path, "my", 1, ours(1))
    done = said("grade", tmp_path)
    assert done.returncode == 2 and "which are the learners?" in done.stderr


@posix_only
def test_a_link_to_nothing_does_not_vanish(tmp_path):
    (tmp_path / "alice").mkdir()
    (tmp_path / "bob").symlink_to("moved")
    (tmp_path / "eve").symlink_to("eve")
    assert list(grade.everybody(tmp_path)) == ["alice", "bob", "eve"]
    for name in ("bob", "eve"):
        with pytest.raises(OSError, match=f"{name} is a link"):
            grade.handed_in(tmp_path / name, 1)


@posix_only
def test_what_cannot_be_read_is_said_and_no_link_is_followed(tmp_path):
    work = tmp_path / "work"
    hand_in(work, "alice", 1, ours(1))
    (work / "mal").symlink_to(work / "alice")
    with pytest.raises(OSError, match="mal is a link"):
        grade.handed_in(grade.everybody(work)["mal"], 1)
    for name, make, says in (
        ("a link", lambda path: path.symlink_to(work / "alice/01_skeleton/ownflask.py"), "a link"),
        ("a loop", lambda path: path.symlink_to(path), "a link"),
        ("a pipe", os.mkfifo, "is no file"),
        ("a folder", os.mkdir, "is no file"),
        ("too large", lambda path: path.write_bytes(bytes(grade.MOST)), "too large"),
    ):
        place = work / name / "01_skeleton"
        place.mkdir(parents=True)
        make(place / "ownflask.py")
        assert says in grade.handed_in(work / name, 1)[1], name
    (work / "eve").mkdir()
    (work / "eve" / "01_skeleton").symlink_to(work / "alice" / "01_skeleton")
    assert "is a link" in grade.handed_in(work / "eve", 1)[1]
    if os.geteuid():        # root reads everything
        (work / "alice").chmod(0)
        with pytest.raises(PermissionError):
            grade.handed_in(work / "alice", 1)
        (work / "alice").chmod(0o755)


def test_results_that_cannot_be_written_are_told_before_the_work(tmp_path):
    hand_in(tmp_path, "a", 1, ours(1))
    for table in (tmp_path, tmp_path / "no" / "table.csv", tmp_path / ("x" * 5000)):
        done = said("grade", tmp_path, "--csv", table)
        assert done.returncode == 2 and "cannot write to" in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize("option", grade.HEADS)
def test_what_is_no_table_is_never_overwritten(tmp_path, option):
    work = tmp_path / "a" / str(steps.find(1)) / "ownflask.py"
    work.parent.mkdir(parents=True)
    work.write_bytes(b"# mine\n")
    done = said("grade", tmp_path, f"--{option}", work)
    assert done.returncode == 2 and "is there already" in done.stderr and done.stdout == ""
    assert work.read_bytes() == b"# mine\n"


def test_its_own_tables_are_what_it_overwrites(tmp_path):
    run = type("run", (), {"rows": {}, "through": 1, "not_held": ""})
    options = type("options", (), dict.fromkeys(grade.HEADS))
    for name, write in zip(grade.HEADS, (grade.in_csv, grade.in_json, grade.in_junit), strict=True):
        table = tmp_path / name
        table.write_text(write(run), encoding="utf-8")
        setattr(options, name, str(table))
    grade.writable(options)     # nothing is raised

def test_odd_words_are_told_in_a_line(tmp_path):
    (tmp_path / "empty").mkdir()
    for words in ([tmp_path / "nowhere"], [tmp_path / "empty"], ["x" * 5000], [steps.FOLDER],
                  [tmp_path, "--jobs", "0"], [tmp_path, "--jobs", "9" * 5000]):
        done = said("grade", *words)
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, words


def test_half_the_processors_are_used_that_it_may_use(tmp_path):
    assert 1 <= grade.processors() <= os.cpu_count()
    for quota, most in (("max 100000", os.cpu_count()), ("150000 100000", 1), ("5000 100000", 1)):
        (tmp_path / "cpu.max").write_text(quota)
        assert 1 <= grade.processors(tmp_path) <= most


# --- rows: nothing that a judge cannot have said is taken

ROW = {"step": 1, "failed": [], "broken": None, "cut": None, "seconds": 0.5}
SENTENCES = [each.sentence for each in wanted(1)]
ODD = [
    None, 1, "x", [], {}, {"secret": 1}, ROW | {"step": 2}, ROW | {"step": "1"},
    ROW | {"failed": None}, ROW | {"failed": [["no such behaviour", ""]]}, ROW | {"failed": [[]]},
    ROW | {"failed": [[SENTENCES[1], ""], [SENTENCES[0], ""]]}, ROW | {"failed": "all"},
    ROW | {"failed": [[SENTENCES[0], ""]] * 2}, ROW | {"seconds": "x"}, ROW | {"seconds": None},
    ROW | {"seconds": float("nan")}, ROW | {"seconds": -1}, ROW | {"seconds": 1e300},
]


def test_only_rows_that_make_sense_are_taken():
    assert grade.row_of(1, ROW)["points"] == FULL[1]
    assert grade.row_of(1, ROW | {"points": 999, "of": 1})["points"] == FULL[1]
    assert grade.row_of(1, ROW | {"failed": [[SENTENCES[0], "\033[2J\n"]]})["failed"] == [
        [SENTENCES[0], "?[2J"]]
    assert grade.row_of(1, ROW | {"broken": "it is"})["points"] == 0
    assert grade.row_of(1, ROW | {"cut": "the time was up"})["points"] is None
    for odd in ODD:
        assert grade.row_of(1, odd) is None, odd


def test_what_was_kept_is_believed_only_where_it_can_be(tmp_path):
    file = tmp_path / "kept.json"
    row = {"steps": {"1": ROW}, "seconds": 1.0, "failure": "", "mark": "m"}
    file.write_text(json.dumps({"m": row}))
    assert grade.kept(file)["m"]["steps"]["1"]["points"] == FULL[1]
    texts = [json.dumps({"m": row | {"steps": {"1": odd}}}) for odd in ODD]
    for spoiled in ("[]", '{"m": 1}', '{"m": {}}', "[" * 100_000, "\0", "", "1" * 5000, *texts):
        file.write_text(spoiled)
        assert grade.kept(file) == {}, spoiled[:80]


def a_grader(monkeypatch, code):
    """Put a Python program in the place of the grader; nobody is shut in then."""
    monkeypatch.setattr(cell, "ways", lambda: [])
    monkeypatch.setattr(cell, "command", lambda way, number: [
        sys.executable, "-I", "-S", "-c", code])


@pytest.mark.parametrize("code", ["import os; os.kill(os.getpid(), 9)", *(
    pytest.param(code, marks=pytest.mark.all) for code in (
        "", "raise SystemExit(3)", "print('{\"step\": 1')", "print('[' * 100_000)",
        "print('x' * 2_000_000)", "print({'points': 'x'})"))],
    ids=["is killed", "says nothing", "ends", "half a row", "deep", "no line", "odd"])
@posix_only
def test_a_judgement_cut_short_is_tried_once_more_and_never_kept(
        tmp_path, graded, monkeypatch, code):
    hand_in(tmp_path / "work", "a", 1, ours(1))
    a_grader(monkeypatch, code)
    for _ in range(2):
        done = graded(tmp_path / "work", "--through", 1, "--csv", tmp_path / "table.csv")
        assert done.code == 1 and done.err == ""
        assert points(done) == {"a": {1: None}}
        lines = done.out.splitlines()
        assert lines[0].startswith("[1/1] a ") and lines[1].startswith("[again] a ")
        assert f"?/{FULL[1]}" in lines[-1] and "1: not tried: it was ended" in lines[-1]
        assert f"a,01_skeleton,,{FULL[1]},not tried" in (tmp_path / "table.csv").read_text()


@posix_only
def test_a_second_try_that_succeeds_counts(tmp_path, graded, monkeypatch):
    hand_in(tmp_path / "work", "a", 1, ours(1))
    a_grader(monkeypatch, f"""
import os, sys
sys.stdin.readline()        # the work: who does not wait for it has been ended, for `grade`
if os.path.exists({str(tmp_path / "once")!r}): print({json.dumps(ROW)!r})
open({str(tmp_path / "once")!r}, "w")
""")
    done = graded(tmp_path / "work", "--through", 1)
    assert done.code == 0 and points(done) == {"a": {1: FULL[1]}} and "[again]" in done.out
    assert "1 of 1 were graded before" in graded(tmp_path / "work", "--through", 1).out


# --- shut in

QUICK = '''
import ctypes, os, socket
said = []
def attempt(name, function, *words):
    try:
        function(*words)
        said.append(name)
    except OSError:
        pass
for pid in (1, os.getppid()):
    for name in ("mem", "environ", "maps"):
        attempt(f"read {name}", lambda: open(f"/proc/{pid}/{name}", "rb").read(1))
    for fd in (0, 1, 2, 3, 4, 5):
        attempt(f"wrote to {fd}", lambda: open(f"/proc/{pid}/fd/{fd}", "w").write("x"))
    for number in (1, 2, 9, 15, 19):
        os.kill(pid, number)        # which does nothing, or no row would come
attempt("saw the class", os.listdir, WORK)
attempt("saw our steps", open, f"{STEPS}/01_skeleton/ownflask.py")
attempt("connected", socket.create_connection, ("127.0.0.1", PORT), 1)
attempt("wrote", open, f"{STEPS}/engine/limits.py", "a")
attempt("wrote", open, "/x", "w")
attempt("reached beyond the network", socket.socket, 40)       # AF_VSOCK
library = ctypes.CDLL(None)
for number in {"x86_64": (248, 249, 425), "aarch64": (217, 218, 425)}[os.uname().machine]:
    if library.syscall(number, b"user", b"name", b"a key", 5, -3) != -1:
        said.append(f"call {number}: keys that all of a user's processes have, or io_uring")
said += [value for value in os.environ.values() if "secret" in value]
raise SystemError(f"did: {said}")
'''


@linux_only
def test_what_is_handed_in_reaches_nobody(tmp_path, shut_in, monkeypatch):
    monkeypatch.setenv("TOKEN", "a secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        hand_in(tmp_path / "work", "eve", 1, f"WORK = {str(tmp_path)!r}\n"
                f"STEPS = {str(steps.FOLDER)!r}\nPORT = {server.getsockname()[1]}\n{QUICK}")
        done = shut_in(tmp_path / "work", "--through", 1)
    assert done.learners["eve"]["steps"]["1"]["broken"].endswith("did: []")
    assert "NOT SHUT IN" not in done.out


# For step 3, each with the most points that it has earned.
EARNED = "class Flask:\n    pass\n"
HOSTILE = {
    "exits well at once": (0, "import os\nos._exit(0)\n" + ours(3)),
    "says that it passed": (0, "import sys\nprint('21 passed in 0.1s')\nsys.exit(0)\n"),
    "never ends": (0, ours(3) + "while True: pass\n"),
    "prints without end": (FULL[3] - 1, ours(3, ("        resp = routes[self.path]()",
                                                 "        while True: print('x' * 999)"))),
    "eats memory": (0, ours(3) + "hoard = []\nwhile True: hoard.append('x' * 10**7)\n"),
    "leaves processes": (FULL[3], ours(3) + """
import os, signal, sys, time
for _ in range(20):
    if os.fork() == 0:
        os.setsid()                 # out of the group
        if os.fork() == 0:          # and an orphan, which nobody hears
            os.execv(sys.executable, [sys.executable, "-c",
                     "import os, time; os.kill(os.getpid(), 19); time.sleep(600)", "GRAVEYARD"])
        os._exit(0)
"""),
    "forks without end": (0, """
import os
while True:
    try: os.fork()
    except OSError: pass
"""),
    "writes rows": (0, """
import glob, json
row = json.dumps({"step": 3, "failed": [], "broken": None, "cut": None, "seconds": 0})
for path in glob.glob("/proc/*/fd/*") + ["/dev/stdout", "/dev/stderr", "/dev/tty"]:
    try: open(path, "w").write(row + "\\n")
    except OSError: pass
print(row)
class Flask: pass
"""),
    "traces the judge": (0, """
import ctypes, os
library = ctypes.CDLL(None, use_errno=True)
for pid in (1, os.getppid()):
    for request in (16, 0x4206):            # PTRACE_ATTACH, PTRACE_SEIZE
        assert library.ptrace(request, pid, 0, 0) < 0
    handle = library.syscall(434, pid, 0)   # pidfd_open, pidfd_getfd
    assert library.syscall(438, handle, 1, 0) < 0
raise SystemError("in vain")
"""),
    "ends everybody": (0, """
import os, signal
os.kill(1, signal.SIGKILL)
for number in (signal.SIGSTOP, signal.SIGKILL):
    if os.fork() == 0: os.kill(-1, number)
class Flask: pass
"""),
    "plants modules": (0, """
import os, sys
for folder in (*sys.path, "/", "/room", os.getcwd(), STEPS, f"{STEPS}/engine", f"{TESTS}"):
    for name in ("json", "ast", "idna", "http", "encodings", "sitecustomize", "tests"):
        try: open(f"{folder}/{name}.py", "w").write("import os; os._exit(0)")
        except OSError: pass
class Flask: pass
"""),
    "patches what it finds": (0, """
import builtins, http.client, sys, unittest
builtins.AssertionError = ValueError
http.client.HTTPResponse.status = 200
sys.excepthook = lambda *error: None
class Everything(dict):
    def __missing__(self, name): return sys
for name in ("tests", "tests.behaviours", "tests.behaviours.kit", "pytest"):
    sys.modules[name] = sys
def _exit(*code): raise SystemExit(0)
sys.exit = _exit
class Flask:
    def __init__(self, name): raise SystemExit(0)
"""),
    "ends programs well": (0, """
import os, sys
class Flask:
    def __init__(self, name):
        frame = sys._getframe(1)
        while frame and "the end" not in str(frame.f_code.co_consts): frame = frame.f_back
        if frame:
            for word in frame.f_code.co_consts:
                if isinstance(word, str) and word.startswith(("the end", "after")): print(word)
            sys.stdout.flush()
            os._exit(0)
    def route(self, *words, **options): pass
    def run(self, *words, **options): pass
"""),
    "ends one program well": (FULL[3] - 1, ours(3, ("port=8000", "port=5000")) + """
import os, sys
def forged(self, *words, run=Flask.run, **options):
    frame = sys._getframe(1)
    if "Asked" not in frame.f_globals: return run(self, *words, **options)
    for word in frame.f_code.co_consts:
        if "the end" in str(word): print(word)
    sys.stdout.flush()
    os._exit(0)
Flask.run = forged
"""),
    "asserts nothing": (FULL[3] - 1, ours(3, ("port=8000", "port=5000")) + """
import builtins, functools
builtins.compile = functools.partial(compile, optimize=1)
"""),
    "finds another server": (5, """
import time
class Flask:
    def __init__(self, name): pass
    def route(self, *words, **options): return lambda view: view
    def run(self, *words, **options):
        print("http://127.0.0.1:PORT/", flush=True)
        time.sleep(600)
"""),
    "finds our steps": (0, """
import glob, importlib.util, sys
for pattern in (f"{STEPS}/0*/ownflask.py", "/*/steps/0*/ownflask.py", f"{WORK}/*/*/ownflask.py"):
    for path in glob.glob(pattern):
        exec(open(path).read())
class Flask: pass
"""),
    "finds Flask": (0, """
import glob, importlib, sys
for prefix in (sys.prefix, "/usr", "/usr/local"):
    sys.path += glob.glob(f"{prefix}/lib*/python3*/*-packages")
Flask = importlib.import_module("fla" + "sk").Flask
"""),
    "fills its room": (FULL[3], ours(3) + """
import os
try:
    for number in range(1000):
        with open(f"/room/{number}", "wb") as file: file.write(bytes(2**20))
except OSError: pass
"""),
    "digs": (FULL[3], ours(3) + """
import os
here = os.getcwd()
os.chdir("/room")
try:
    for _ in range(3000):
        os.mkdir("x")
        os.chdir("x")
except OSError: pass
os.chdir(here)
"""),
    "holds the judge down": (9, """
import os, resource, threading, time
def hold():
    while True:
        for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
            try: resource.prlimit(1, limit, (3, resource.prlimit(1, limit)[1]))
            except (OSError, ValueError): pass
class Flask:
    def __init__(self, name): pass
    def route(self, *words, **options): return lambda view: view
    def run(self, *words, **options):
        import http.server
        server = http.server.HTTPServer(("", 0), http.server.BaseHTTPRequestHandler)
        print(f"http://127.0.0.1:{server.server_port}/", flush=True)
        threading.Thread(target=hold, daemon=True).start()
        server.serve_forever()
"""),
    "deletes and defaces": (0, """
import os, shutil, signal
here = os.path.dirname(os.path.abspath(__file__))
for folder in (here, os.getcwd(), WORK, STEPS, "/room", os.path.expanduser("~")):
    shutil.rmtree(folder, ignore_errors=True)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
raise SystemError("\\033[2J\\033[31mgone")
"""),
}


def left_behind(folder):
    """Return the processes that the hostile have started, and what is in the temporary folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [path] if b"GRAVEYARD" in path.read_bytes() else []
    return found + [*(folder / "temporary").iterdir()]


@pytest.mark.all
@linux_only
def test_thirty_submissions_many_of_them_hostile(tmp_path, shut_in, monkeypatch, record_property):
    work = tmp_path / "work"
    complete = {f"complete {number}": number for number in range(1, LAST + 1)}
    partial = {"partial 9": 9}
    for learner, number in complete.items():
        hand_in(work, learner, number, ours(number))
    for learner, number in partial.items():
        hand_in(work, learner, number, ours(number - 1))
    with steps.start(9) as ours_runs:
        for learner, (_, text) in HOSTILE.items():
            text = text.replace("PORT", str(ours_runs.port)).replace("TESTS", "'/nowhere'")
            hand_in(work, learner, 3, f"WORK, STEPS = {str(work)!r}, {str(steps.FOLDER)!r}\n{text}")
        started = time.perf_counter()
        done = shut_in(work, "--jobs", 2)
        seconds = time.perf_counter() - started
    assert len(done.learners) == len(complete) + len(partial) + len(HOSTILE) >= 30
    record_property("measured",
                    f"grade of {len(done.learners)} submissions, 2 jobs: {seconds:.0f} s")
    assert done.code == 1 and done.err == ""
    got = points(done)
    for learner, number in complete.items():
        assert got[learner] == {number: FULL[number]}, done.learners[learner]
    for learner, number in partial.items():
        assert FULL[number] // 2 < got[learner][number] < FULL[number], learner
    for learner, (most, _) in HOSTILE.items():
        assert (got[learner][3] or 0) <= most, f"{learner}: {done.learners[learner]}"
        assert learner in done.out
    assert "\033" not in done.out and left_behind(tmp_path) == []


@pytest.mark.all
@linux_only
def test_half_of_the_memory_is_enough_for_many_clients_at_once():
    # With less than it needs, the judge once waited for ever, or a right file lost a point.
    code = (f"import sys; sys.path.insert(0, {str(steps.ROOT)!r})\n"
            "import steps\nfrom steps.engine.command import judge, grader\n"
            "print([each for each in judge.judge(steps.find(8).folder, 8, "
            "limits=grader.LIMITS) if not each.holds])")
    little = Limits(0, cell.JUDGE.memory // 2, 0)
    done = subprocess.run(little.around([sys.executable, "-I", "-S", "-B", "-c", code]),
                          capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.all
@linux_only
@pytest.mark.parametrize("without", ["any way", "_ctypes", "rights"])
def test_where_nobody_can_be_shut_in_the_table_says_so_first(
        tmp_path, graded, monkeypatch, without):
    hand_in(tmp_path / "work", "a", 1, ours(1))
    if without == "any way":
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        code = {"_ctypes": "sys.modules['_ctypes'] = None", "rights": "import os; os.chroot = None"}
        command = cell.command

        def hampered(way, number):
            return [word.replace("import sys;", f"import sys; {code[without]};")
                    for word in command(way, number)]

        monkeypatch.setattr(cell, "command", hampered)
        monkeypatch.setattr(cell, "ways", lambda: ["unshare"])
    done = graded(tmp_path / "work", "--through", 1)
    assert done.code == 0 and points(done) == {"a": {1: FULL[1]}} and done.err == ""
    lines = done.out.splitlines()
    assert lines[lines.index("") + 1].startswith("NOT SHUT IN (this system ")
    assert "ran as you" in done.out and done.not_shut_in


@pytest.mark.all
@linux_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("way", ["unshare", "bwrap"])
def test_an_ordinary_user_can_shut_learners_in_too(tmp_path, course, way):
    python, nobody = "/usr/bin/python3", {"user": 65534, "group": 65534, "extra_groups": []}
    for folder in (course, *course.parents):
        if not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o55)
    work, tools = tmp_path / "work", tmp_path / "bin"
    hand_in(work, "eve", 1, f"WORK, STEPS, PORT = '/root', {str(course / 'steps')!r}, 9\n{QUICK}")
    tools.mkdir()
    try:
        (tools / way).symlink_to(f"/usr/bin/{way}")
        subprocess.run([python, "-c", "import sys; assert sys.version_info > (3, 11)"], check=True)
        subprocess.run([tools / way, "--version"], check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"needs {way} and a Python for everybody")
    done = subprocess.run(
        [python, "-B", "-m", "steps", "grade", work, "--through", "1"], cwd=course, text=True,
        env={"PATH": str(tools)}, capture_output=True, timeout=PATIENCE, **nobody)
    if "NOT SHUT IN" in done.stdout:
        pytest.skip(f"this system does not let an ordinary user: {done.stdout}")
    assert "did: []" in done.stdout, done.stdout + done.stderr


# --- interrupted, and printed to nobody

def begin(course, work, *words, **options):
    """Start grading in a copy of the course and wait for the first learner's row."""
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "steps", "grade", str(work), "--jobs", "1", *words],
        cwd=course, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, **options)
    line = process.stdout.readline()
    assert line.startswith("[1/4] a "), line + process.stderr.read()
    return process


@pytest.mark.all
@posix_only
def test_interrupted_it_keeps_what_it_has_and_goes_on(tmp_path, course, graded):
    work = tmp_path / "work"
    for learner in "abcd":
        hand_in(work, learner, 3, ours(3) + f"# {learner}\n")
    with begin(course, work, "--through", "3") as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "Traceback" not in err, err
    assert " to go, and not in this table." in out and left_behind(tmp_path) == []
    # What has been handed in since is not told with the points of before.
    hand_in(work, "a", 3, EARNED)
    hand_in(work, "b", 3, EARNED)
    again = command("grade", work, "--through", 3, cwd=course, timeout=PATIENCE)
    assert again.returncode == 1 and again.stdout.count(f"{FULL[3]}/{FULL[3]}") == 2


@pytest.mark.all
@linux_only
def test_killed_it_leaves_nobody_behind(tmp_path, course, shut_in):
    for learner in "abcd":
        hand_in(tmp_path / "work", learner, 9, ours(9))
    with begin(course, tmp_path / "work") as process:
        children = [int(pid) for pid in Path(
            f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        process.kill()
    deadline = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}/exe").exists() for pid in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert left_behind(tmp_path) == []


@pytest.mark.all
@posix_only
def test_the_files_are_written_whoever_reads_the_table(tmp_path, course):
    hand_in(tmp_path / "work", "a", 1, ours(1))
    grade_it = f"{sys.executable} -B -m steps grade {tmp_path / 'work'} --through 1 --fresh"
    for where, says in (("| true", ""), ("> /dev/full", "No space left on device")):
        table = tmp_path / "table.csv"
        table.unlink(missing_ok=True)
        done = subprocess.run(["sh", "-c", f"{grade_it} --csv {table} {where}"], cwd=course,
                              capture_output=True, text=True, timeout=PATIENCE)
        assert table.read_text().splitlines()[1].startswith(f"a,01_skeleton,{FULL[1]}"), where
        assert "Traceback" not in done.stderr and says in done.stderr, where
        assert (done.returncode != 0) == bool(says), where


@pytest.mark.all
@posix_only
def test_a_full_disk_is_said_and_leaves_the_old_file(tmp_path, graded, monkeypatch):
    hand_in(tmp_path / "work", "a", 1, ours(1))
    table = tmp_path / "table.csv"
    table.write_text("learner,step,old")

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(grade, "replace", full)
    code = main(["grade", str(tmp_path / "work"), "--through", "1", "--csv", str(table)])
    assert code == 1 and table.read_text() == "learner,step,old"


# --- what it writes

@pytest.mark.all
def test_what_has_changed_is_graded_again(tmp_path, graded):
    work = tmp_path / "work"
    hand_in(work, "a", 1, ours(1))
    hand_in(work, "b", 1, ours(1) + "# b\n")
    assert graded(work, "--through", 1).code == 0
    hand_in(work, "b", 1, "x = 1\n")
    (work / ".grades.json").write_text("{}")        # as it was called once
    again = graded(work, "--through", 1)
    assert again.code == 1
    assert "1 of 2 were graded before" in again.out and "[1/1] b " in again.out
    assert "it has no class Flask" in again.out


@pytest.mark.all
def test_the_files_that_it_writes(tmp_path, graded):
    work = tmp_path / "work"
    hand_in(work, "=cmd()", 1, ours(1))
    hand_in(work, "b", 1, ours(1, ("            return f\n", "            pass\n")))
    (work / "c").mkdir()
    table, junit = tmp_path / "table.csv", tmp_path / "table.junit"
    done = graded(work, "--through", 2, "--csv", table, "--junit", junit)
    assert done.code == 1
    with open(table, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(row["learner"], row["step"]) for row in table] == [
        (learner, step) for learner in ("'=cmd()", "b", "c")
        for step in ("01_skeleton", "02_server")]
    assert table[0]["points"] == table[0]["of"] == str(FULL[1])
    assert table[2]["failed_first"] == "the decorated name is still the view"
    assert "NoneType" in table[2]["came_back"]
    assert table[4]["failed_first"] == "not handed in"
    assert done.learners["b"]["steps"]["1"]["points"] < FULL[1]
    suites = ElementTree.parse(junit).getroot()
    assert suites[0].get("failures") == "0" and suites[2].get("name") == "b.01_skeleton"
    assert int(suites[2].get("failures")) == len(suites[2].findall("testcase/failure")) > 0


@pytest.mark.parametrize("text, cell", [
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), (" \t+1", "'+1"), ("\uff1d1", "'\uff1d1"),
    ("x;=1+1", "x;'=1+1"), ("x; -1;@a", "x; '-1;'@a"), ("text/html; charset=utf-8",) * 2,
])
def test_no_cell_is_a_formula_nor_part_of_one(text, cell):
    assert grade.plain(text) == cell


@pytest.mark.all
@posix_only
def test_odd_names_and_words_spoil_no_table(tmp_path, graded):
    work = tmp_path / "work"
    for name in ("esc \033[2J", "long " + "x" * 200, os.fsdecode(b"a\xff\xfe")):
        try:
            hand_in(work, name, 1, "raise SystemError('\\x1b[31m\\u202egone\\x9b')\n")
        except OSError:
            continue        # this system has no such names
    table, junit = tmp_path / "table.csv", tmp_path / "table.junit"
    done = graded(work, "--through", 1, "--csv", table, "--junit", junit)
    assert done.code == 1 and done.err == ""
    text = done.out + table.read_text(encoding="utf-8") + junit.read_text(encoding="utf-8")
    assert not set(text) & set("\033\u202e\x9b") and "gone" in text
    assert max(map(len, done.out.splitlines()[-3:])) < 130
    ElementTree.parse(junit)


def test_a_judgement_is_of_the_course_as_it_is():
    names = {path.relative_to(steps.ROOT).as_posix() for path in cell.COURSE}
    assert {"steps/engine", "tests/behaviours"} <= names
    assert not any(steps.find(1).folder.is_relative_to(path) for path in cell.COURSE)


@linux_only
def test_there_is_no_cell_where_nobody_knows_the_numbers_of_the_calls(monkeypatch):
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release="6.1", machine="mips"))
    assert cell.ways() == []


def test_no_folder_can_be_seen_in_which_a_class_or_flask_may_lie():
    for place in ("/usr/src/course", "/usr/local/src/class", f"{sys.base_prefix}/pkgs/flask"):
        assert not any(Path(place).is_relative_to(path) for path in cell.visible())


@posix_only
def test_what_lies_in_the_place_of_a_log_is_not_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **options: str(tmp_path))
    (tmp_path / "log").symlink_to(tmp_path / "the pipe of the judge")
    with pytest.raises(FileExistsError):
        steps.start(1)
    assert not (tmp_path / "the pipe of the judge").exists()


def test_signs_of_ours_without_end_are_read_in_no_time():
    signs = "<buffer>\n" * 100_000
    assert BUFFERED.sub("", signs) == signs     # or the judge reads for hours
    assert BUFFERED.sub(r"\1", f"{signs}text\n</buffer>\n").endswith("<buffer>\ntext")
