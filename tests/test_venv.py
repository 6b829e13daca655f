"""The environment that `test`, `lab` and `site` share: made once, grown, and never in a muddle."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import steps
from steps.engine.command import Trouble, progress, venv
from tests.course import command

Usage = namedtuple("Usage", "total used free")
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


class Fake:
    """An environment without packages: what would be installed is written down."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.has, self.calls = folder, set(), []
        for name, path in {"ROOT": folder, "FOLDER": folder / ".venv", "LOCK": folder / ".lock",
                           "TEMPORARY": folder / ".venv" / "tmp",
                           "MARK": folder / ".venv" / "made-by-ownflask.txt"}.items():
            monkeypatch.setattr(venv, name, path)
        monkeypatch.setattr(venv, "has", lambda *packages: self.has & set(packages))
        monkeypatch.setattr(venv, "follow", self.follow)
        for part in venv.PARTS.values():
            (folder / part.file).write_text("# as yet nothing")
        self.answers = {}       # a word of a command: what it comes to

    def follow(self, words, doing, held, environment):
        """Take note of a command; it succeeds, unless there is another answer for it."""
        words = " ".join(map(str, words))
        name = "pip" if " pip " in words else "venv"
        self.calls.append(name)
        self.temporary = environment["TMPDIR"]
        assert os.path.isdir(self.temporary)
        if name == "venv":
            self.has.add("pip")
        for part in venv.PARTS.values():
            if f"{part.file} " in f"{words} ":
                self.calls.append(part.file)
                self.has.add(part.proof)
        answer = self.answers.get(name, (0, []))
        return answer() if callable(answer) else answer


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """An environment in an empty folder, where nothing is run."""
    return Fake(tmp_path, monkeypatch)


# --- what is installed, and when

def test_it_is_made_once_and_then_reused(fake, capsys):
    assert venv.ready("test") == venv.python()
    assert fake.calls == ["venv", "pip", "requirements.txt"]
    said = capsys.readouterr().out
    assert "Making a virtual environment" in said and "Installing what the tests need" in said
    assert "up to 4 MB" in said and "Installed in" in said

    venv.ready("test")
    assert len(fake.calls) == 3 and capsys.readouterr().out == ""


def test_it_grows_by_what_is_not_there_yet(fake, capsys):
    venv.ready("test")
    venv.ready("test", "lab")
    assert fake.calls[3:] == ["pip", "requirements-lab.txt"]
    assert "Installing what the notebooks need" in capsys.readouterr().out
    venv.ready(*venv.PARTS)
    assert fake.calls[5:] == ["pip", "requirements-docs.txt", "pip", "requirements-all.txt"]


def test_new_pins_are_installed(fake):
    venv.ready("test", "lab")
    (fake.folder / "requirements.txt").write_text("flask==4.0")
    venv.ready("test", "lab")
    assert fake.calls[5:] == ["pip", "requirements.txt"]


def test_one_that_no_longer_works_is_made_anew(fake):
    venv.ready("test")
    mine = venv.FOLDER / "mine.txt"
    mine.write_text("kept")
    fake.has.clear()
    venv.ready("test")
    assert fake.calls[3:] == ["venv", "pip", "requirements.txt"]
    assert mine.read_text() == "kept"


def test_line_ends_are_no_change_of_the_pins(fake):
    (fake.folder / "requirements.txt").write_bytes(b"flask==3.1\r\nrequests==2.0\r\n")
    unix = hashlib.sha256(b"flask==3.1\nrequests==2.0\n").hexdigest()
    assert venv.wanted("requirements.txt") == unix


def test_what_pip_left_half_done_is_done_again(fake):
    site = venv.FOLDER / ("Lib" if os.name == "nt" else "lib/python3.11") / "site-packages"
    for name in ("whole-1.0.dist-info", "half-1.0.dist-info"):
        (site / name).mkdir(parents=True)
        (site / name / "METADATA").write_text("Name: it")
    (site / "whole-1.0.dist-info" / "INSTALLER").write_text("pip")
    venv.MARK.write_text("ours")
    venv.ready("test")
    assert [path.name for path in venv.packages()] == ["whole-1.0.dist-info"]


def test_temporary_files_lie_in_it_and_go(fake):
    venv.ready("test")
    assert fake.temporary.startswith(str(venv.FOLDER)) and not os.path.exists(fake.temporary)


# --- what goes wrong

@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_an_environment_of_the_readers_own_is_not_touched(fake, kind):
    theirs = venv.FOLDER
    if kind == "folder":
        theirs.mkdir()
    elif kind == "file":
        theirs.write_text("mine")
    else:
        (fake.folder / "elsewhere").mkdir()
        try:
            theirs.symlink_to(fake.folder / "elsewhere")
        except OSError:
            pytest.skip("this system makes no links")
    with pytest.raises(Trouble, match="this command did not make it"):
        venv.ready("test")
    assert fake.calls == []
    assert kind == "file" or list(theirs.iterdir()) == []


@pytest.mark.parametrize("name, says, told", [
    ("venv", "... not created successfully because ensurepip is not", "python3-venv"),
    ("venv", "/usr/bin/python3: No module named venv", "python3-venv"),
    ("venv", "OSError: [Errno 28] No space left on device: '.../pip'", "Make room on the disk"),
    ("venv", "Error: Command '['-m', 'ensurepip']' returned non-zero ...", "python.org"),
    ("pip", "ERROR: No matching distribution found for flask==3.1.3", "offline, connect it"),
    ("pip", "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on "
            "device", "Make room on the disk, 30 MB"),
    ("pip", "ERROR: [Errno 122] Disk quota exceeded", "Make room on the disk"),
])
def test_a_failure_is_told_with_what_to_do(fake, name, says, told):
    fake.answers[name] = 1, ["before", says, *(["after"] if says.startswith("ERROR") else [])]
    with pytest.raises(Trouble) as trouble:
        venv.ready("test")
    text = str(trouble.value)
    assert says in text and told in text and "before" not in text and "after" not in text
    assert text.endswith("then run the same command again")
    assert not venv.stamp("requirements.txt").exists()

    del fake.answers[name]      # and the next call goes on
    assert venv.ready("test") and venv.stamp("requirements.txt").exists()


@pytest.mark.parametrize("name", ["venv", "pip"])
def test_a_full_disk_is_told_where_the_program_does_not_tell_it(fake, monkeypatch, name):
    fake.answers[name] = 1, ["Error: returned non-zero exit status 1."]
    monkeypatch.setattr(venv.shutil, "disk_usage", lambda path: Usage(32, 28, 4_000_000))
    with pytest.raises(Trouble, match="Make room on the disk, 30 MB"):
        venv.ready("test")


def test_a_full_disk_is_told_where_the_command_itself_meets_it(fake, monkeypatch):
    def full(*words):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(venv.FOLDER))

    monkeypatch.setattr(venv, "create", full)
    with pytest.raises(Trouble, match="(?s)cannot write to .*venv: No space.*Make room on the"):
        venv.ready("test")


def test_a_folder_that_cannot_be_written_to_is_told(fake):
    venv.LOCK.mkdir()
    with pytest.raises(Trouble, match="(?s)cannot write to .*lock: .* that you can write to"):
        venv.ready("test")


def test_a_setting_of_pips_that_leads_elsewhere_is_told(fake):
    fake.answers["pip"] = lambda: (fake.has.remove("pytest"), (0, []))[1]
    with pytest.raises(Trouble, match="pip put pytest elsewhere .* pip config list"):
        venv.ready("test")


def test_an_interruption_is_told_and_the_next_call_goes_on(fake, capsys):
    def interrupted():
        fake.has.remove("pytest")
        raise KeyboardInterrupt

    fake.answers["pip"] = interrupted
    with pytest.raises(KeyboardInterrupt):
        venv.ready("test")
    assert "Interrupted. What arrived is kept" in capsys.readouterr().err
    del fake.answers["pip"]
    venv.ready("test")
    assert fake.calls == ["venv", "pip", "requirements.txt"] + ["pip", "requirements.txt"]


# --- two calls at once

def test_a_second_call_waits_for_the_first_and_installs_nothing(fake, monkeypatch, capsys):
    waits, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(venv.Progress, "tell", lambda self, doing: waits.set())

    def slow():
        assert waits.wait(60)
        go_on.wait(60)
        return 0, []

    fake.answers["pip"] = slow
    first = threading.Thread(target=venv.ready, args=["test"])
    first.start()
    second = threading.Thread(target=venv.ready, args=["test"])
    second.start()
    assert waits.wait(60)
    go_on.set()
    first.join(60)
    second.join(60)
    assert fake.calls == ["venv", "pip", "requirements.txt"]
    assert capsys.readouterr().out.count("Another call is filling .venv; waiting for it") == 1


def test_a_lock_ends_with_the_process_that_held_it(fake):
    code = "import sys\nfrom steps.engine.command import venv\n" \
           "venv.LOCK = sys.argv[1]\n" \
           "with venv.locked():\n    print('held', flush=True)\n    sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, venv.LOCK], cwd=steps.ROOT, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == "held\n"
        with open(venv.LOCK, "a") as file:
            assert not venv.take(file)
            other.kill()
            other.wait()
            assert venv.take(file)


# --- what is shown meanwhile

@pytest.mark.parametrize("line, told", [
    ("Collecting flask==3.1.3 (from -r requirements.txt (line 9))", "fetching flask==3.1.3"),
    ("Downloading flask-3.1.3-py3-none-any.whl (103 kB)",
     "fetching flask-3.1.3-py3-none-any.whl (103 kB)"),
    ("WARNING: Retrying (Retry(total=4, connect=None)) after connection broken",
     "no answer from the network; trying again"),
    ("Installing collected packages: a, b, c", "unpacking 1 of 3"),
    ("Looking in links: wheels", ""),
])
def test_what_pip_says_is_told_in_a_few_words(fake, monkeypatch, line, told):
    monkeypatch.setattr(venv, "packages", lambda: ["old", "new"])
    assert venv.stage(["Looking", line, "Building"], {"old"}) == told


def test_progress_is_a_plain_line_now_and_then(monkeypatch, capsys):
    clock = iter([0, 1, 9, 11, 12, 25])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    shown = progress.Progress()
    for count in range(5):
        shown.tell(f"unpacking {count} of 5")
    shown.clear()
    assert capsys.readouterr().out == "   11 s  unpacking 2 of 5\n   25 s  unpacking 4 of 5\n"


def test_on_a_terminal_progress_is_one_line_written_over_and_over(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(progress.time, "monotonic", iter([0, 1, 2]).__next__)
    monkeypatch.setenv("COLUMNS", "30")
    shown = progress.Progress()
    shown.tell("fetching")
    shown.tell("unpacking " + "9" * 30)
    shown.clear()
    _, first, second, last, end = capsys.readouterr().out.split("\r")
    assert (first, second) == (f"{'    1 s  fetching':<29}", "    2 s  unpacking 9999999999")
    assert (last, end) == (" " * 29, "")


def follow(code, doing):
    """Follow a Python program, with a file in the place of a lock; return what follow() does."""
    with open(os.devnull) as file:
        words = [sys.executable, "-u", "-c", code]
        return progress.follow(words, doing, file.fileno(), os.environ)


def test_what_a_program_says_and_its_exit_code_come_back():
    code = "import sys; print('one'); print(); sys.exit('two')"
    assert follow(code, lambda said: "") == (1, ["one", "two"])


@posix_only
def test_an_interruption_waits_until_the_program_and_its_children_have_cleared_up(tmp_path):
    child = (
        "import sys, time\n"
        "print('ready', flush=True)\n"
        "try:\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n"
        "    time.sleep(0.5)     # clearing up takes its time\n"
        "    open(sys.argv[1], 'w').write('cleared up')\n"
    )
    trace = tmp_path / "trace"
    parent = f"import subprocess, sys\n" \
             f"subprocess.Popen([sys.executable, '-c', {child!r}, {str(trace)!r}]).wait()"

    def doing(said):
        if "ready" in said:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow(parent, doing)
    assert trace.read_text() == "cleared up"


# --- all of it, with a real venv and a real pip, and packages made here

class Index(BaseHTTPRequestHandler):
    """An index of packages; it stalls where server.stalls says: "page", "wheel", or nowhere."""

    def do_GET(self):
        """Answer with a page of links, or with a wheel."""
        name = self.path.strip("/").rpartition("/")[2]
        wheels = self.server.wheels
        if self.server.stalls == "page" and not name.endswith(".whl"):
            self.stall()        # before anything has come: pip has nothing to print now
        if name.endswith(".whl"):
            kind, body = "application/octet-stream", (wheels / name).read_bytes()
        else:
            links = [f'<a href="/{path.name}">{path.name}</a>' for path in wheels.glob(f"{name}-*")]
            kind, body = "text/html", "\n".join(links).encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if name.endswith(".whl") and self.server.stalls == "wheel":
            self.wfile.write(body[:50])
            self.stall()
        else:
            self.wfile.write(body)

    def stall(self):
        """Tell that somebody waits here, and wait until server.go_on is set."""
        self.server.stalled.set()
        self.server.go_on.wait(300)

    def log_message(self, *words):
        """Say nothing."""


def make_wheel(folder, name, code=""):
    """Make a wheel of one module; each has version 1.0."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", code)
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
                                       "Tag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(course, tmp_path):
    """A server with packages that the requirement files of `course` ask for, and the settings
    that lead pip to it and nowhere else."""
    wheels, temporary = tmp_path / "wheels", tmp_path / "temporary"
    wheels.mkdir()
    temporary.mkdir()
    make_wheel(wheels, "pytest", "print('tested')")
    make_wheel(wheels, "extra")
    for part in venv.PARTS.values():
        (course / part.file).write_text("pytest==1.0\nextra==1.0\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        server.wheels, server.temporary = wheels, temporary
        server.daemon_threads = True
        server.stalls, server.stalled, server.go_on = "", threading.Event(), threading.Event()
        server.settings = {
            "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "PIP_FIND_LINKS": "",
            "PIP_DEFAULT_TIMEOUT": "600",
            "PIP_INDEX_URL": f"http://127.0.0.1:{server.server_port}/", "PIP_CONSTRAINT": "",
            "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "TMPDIR": str(temporary),
        }
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.go_on.set()
        server.shutdown()


def start(course, server):
    """Start `test --version` in a copy of the course and return the process."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "steps", "test", "--version"], cwd=course, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **server.settings},
    )


@pytest.mark.all
def test_a_real_one_is_made_reused_mended_and_renewed(course, index):
    def call(**more):
        return command("test", "--version", cwd=course, **{**index.settings, **more})

    offline = call(PIP_NO_INDEX="1")
    assert offline.returncode == 1 and "Making" in offline.stdout
    assert "pip could not install what the tests need" in offline.stderr
    assert "offline, connect it" in offline.stderr and "Traceback" not in offline.stderr

    online = call()
    assert online.returncode == 0, online.stderr
    assert "Making" not in online.stdout and "Installed in" in online.stdout
    assert online.stdout.endswith("tested\n")
    assert call().stdout == "tested\n"

    (course / "requirements.txt").write_text("pytest==1.0\nno-such-package==1.0\n")
    assert "No matching distribution found for no-such-package" in call().stderr

    # As if a pip had been killed in the midst of unpacking.
    (course / "requirements.txt").write_text("pytest==1.0\n")
    note = next((course / ".venv").rglob("pytest-1.0.dist-info"))
    (note / "INSTALLER").unlink()
    (note.parent / "pytest.py").unlink()
    renewed = call()
    assert "Making" not in renewed.stdout and renewed.stdout.endswith("tested\n"), renewed.stderr

    (course / ".venv" / "pyvenv.cfg").unlink()
    mended = call()
    assert "Making" in mended.stdout and mended.stdout.endswith("tested\n"), mended.stderr
    assert list(index.temporary.iterdir()) == [] and not (course / ".venv" / "tmp").exists()


@pytest.mark.all
def test_of_two_real_first_calls_at_once_one_waits(course, index):
    with open(course / ".venv.lock", "a") as lock:
        assert venv.take(lock)
        calls = [start(course, index) for _ in range(2)]
        first = [call.stdout.readline() for call in calls]
    assert first == ["Another call is filling .venv; waiting for it ...\n"] * 2
    said = [call.communicate(timeout=300) for call in calls]
    assert [call.returncode for call in calls] == [0, 0], said
    assert all(out.endswith("tested\n") for out, _ in said)
    assert sum("Making" in out for out, _ in said) == 1
    assert sum("Installed" in out for out, _ in said) == 1


@pytest.mark.all
@posix_only
def test_an_interrupted_one_leaves_nothing_and_a_killed_one_its_pip_and_the_lock(course, index):
    def stalled(where):
        index.stalls = where
        index.stalled.clear()
        call = start(course, index)
        assert index.stalled.wait(300)
        return call

    with stalled("wheel") as call:
        call.send_signal(signal.SIGINT)
        out, err = call.communicate(timeout=60)
    assert call.returncode == 130 and "Making" in out and "Traceback" not in err
    assert "Interrupted. What arrived is kept" in err
    assert list(index.temporary.iterdir()) == [] and not (course / ".venv" / "tmp").exists()
    with open(course / ".venv.lock", "a") as lock:
        assert venv.take(lock)

    with stalled("page") as call:
        call.kill()
        out, err = call.communicate()
    assert "Making" not in out
    index.stalls = ""
    with start(course, index) as again:
        # The pip of the killed one is at work still.
        assert again.stdout.readline() == "Another call is filling .venv; waiting for it ...\n"
        index.go_on.set()
        out, err = again.communicate(timeout=300)
    assert again.returncode == 0 and out.endswith("tested\n"), err
    assert not (course / ".venv" / "tmp").exists()
