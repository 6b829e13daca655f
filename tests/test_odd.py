"""Whatever a call is given, it answers in a line and with its exit code, never a traceback."""

import contextlib
import io
import os
import shlex
import signal
import subprocess
import sys

import pytest

import steps
from steps.engine import scratch
from steps.engine.command import CALLS, BadInput, bug, carry, main, mine, start, test, verdict
from steps.engine.command.mine import FRAMEWORK, state

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
QUIET = steps.find(1).folder        # its run() returns at once


def call(*words, stdout=None):
    """Return (exit code, stdout, stderr) of a call in this process; stdout: an open file."""
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    path = list(sys.path)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    try:
        with contextlib.chdir(steps.ROOT), contextlib.redirect_stdout(stdout or out), \
                contextlib.redirect_stderr(err):
            code = main(list(map(str, words)))
    finally:
        sys.path[:] = path
        sys.modules.pop("ownflask", None)
        for number, handler in handlers.items():
            if signal.getsignal(number) != handler:
                signal.signal(number, handler)
    for stream in (out, err):
        stream.seek(0)
    return code, out.read(), err.read()


@pytest.fixture
def my(tmp_path, monkeypatch):
    """The folder my/, at another place."""
    for module in (mine, start, bug, verdict):
        monkeypatch.setattr(module, "MY", tmp_path / "my")
    return tmp_path / "my"


# --- words

WORDS = {"too many digits": "9" * 5000, "a long path": "x/" * 2500, "a long name": "x" * 5000,
         "a NUL": "a\0b", "no UTF-8": "\udcff", "nothing": "", "foreign digits": "\u0663" * 3,
         "two lines": "3\n4", "a path of nowhere": "../" * 50 + "x", "a minus": "-1",
         "escape codes": "\033[2J", "a bug of nowhere": "3." + "9" * 5000, "a float": "1e3"}
TAKES_A_STEP = ("run", "prompt", "diff", "start", "check", "watch", "hint", "bug", "carry", "lab")


TAKES_SOMETHING_ELSE = (("map", 3, 4), ("grade",), ("grade", "docs", "--jobs"), ("refresh",),
                        ("grade", "docs", "--through"), ("new",))


def refused(*words):
    """Return what is wrong with how a call refuses these words, "" where it is one line."""
    code, out, err = call(*words)
    right = (code, out) == (2, "") and err.startswith("steps: ") and err.count("\n") == 1 \
        and len(err) < 1100 and err.rstrip("\n").isprintable()
    return "" if right else f"{words}: {code} {out!r} {err!r}"


@pytest.mark.parametrize("name", TAKES_A_STEP)
def test_an_odd_step_is_one_line_and_exit_2(my, name):
    # What begins with a minus is JupyterLab's own.
    kinds = [kind for kind in WORDS if name != "lab" or not WORDS[kind].startswith("-")]
    assert list(filter(None, (refused(name, WORDS[kind]) for kind in kinds))) == []


@pytest.mark.parametrize("words", [
    ("run", 3, "--on"), ("run", 3, "--port"), ("hint", 3), ("check", 3), ("watch", 3),
    ("check", "--exercise"), ("check", 3, "--exercise"), ("bug", "--list"), ("carry", 3, "--until"),
    ("diff", 3), ("prompt", 3, "--on"),
], ids=lambda words: " ".join(map(str, words)))
def test_an_odd_second_word_is_one_line_and_exit_2(my, words):
    # Without a name, --exercise asks for the list.
    kinds = [kind for kind in WORDS if WORDS[kind] or words[-1] != "--exercise"]
    assert list(filter(None, (refused(*words, WORDS[kind]) for kind in kinds))) == []


@pytest.mark.parametrize("words", TAKES_SOMETHING_ELSE, ids=lambda words: " ".join(map(str, words)))
def test_odd_words_of_the_other_calls_are_one_line_and_exit_2(my, words):
    assert list(filter(None, (refused(*words, WORDS[kind]) for kind in WORDS))) == []


@pytest.mark.parametrize("kind", WORDS)
def test_an_odd_word_for_pytest_is_refused_before_anything_is_fetched(kind):
    if WORDS[kind].strip("-1\0"):        # what begins with a minus is pytest's own
        with pytest.raises(BadInput):
            test.chosen([WORDS[kind].replace("\0", "")])


@pytest.mark.parametrize("word, found", [("3.2", 2), ("3.02", 2), ("03.2", 2), ("routing.2", 2)])
def test_a_bug_is_found_by_its_numbers(my, word, found):
    assert bug.which(word) == (steps.find(3), found)


def test_a_word_that_is_no_bug_is_named_as_it_was_typed(my):
    assert "there is no step './3'" in call("bug", "./3")[2]


# --- files

RUNS = (QUIET / FRAMEWORK).read_bytes()
FILES = {
    "an empty file": b"", "UTF-16": "\ufeffx = 1\n".encode("utf-16"), "a NUL": RUNS + b"\0",
    "UTF-8 with a mark": b"\xef\xbb\xbf" + RUNS, "Latin-1": RUNS + b"x = '\xe9'\n",
    "Latin-1, as it says": b"# -*- coding: latin-1 -*-\n" + RUNS + b"# \xe9\n",
    "an encoding that it has not": b"# coding: utf-16\n" + RUNS,
    "no encoding at all": b"# coding: undefined\n" + RUNS,
    "an encoding of nowhere": b"# coding: nonsense\n" + RUNS, "half a file": RUNS + b"def f(",
    "a form feed": b"x = 1\n\x0c\n" + RUNS, "U+2028": "x = '\u2028'\n".encode() + RUNS,
    "old Mac": RUNS.replace(b"\n", b"\r"), "deep": b"x = " + b"(" * 3000 + b")" * 3000,
    "too large": b"#" * 2_000_000, "a folder": os.mkdir, "a link to itself": None,
    "a link to nowhere": "nowhere", "a FIFO": getattr(os, "mkfifo", None), "nothing": "",
}


def put(path, kind):
    """Make a thing of that kind at a path; skip where this system has none."""
    thing = FILES[kind]
    try:
        if isinstance(thing, bytes):
            path.write_bytes(thing)
        elif kind.startswith("a link"):
            path.symlink_to(thing or path.name)
        elif kind != "nothing":
            thing(path)
    except (OSError, TypeError):
        pytest.skip("this system has no such thing")


# These are whole frameworks, and are judged: the rest is refused at once.
HOLD = ("UTF-8 with a mark", "Latin-1, as it says", "a form feed", "U+2028", "old Mac")


@pytest.mark.parametrize("kind", [
    pytest.param(kind, marks=[pytest.mark.all] if kind in HOLD else []) for kind in FILES])
def test_an_odd_framework_is_said_in_a_line_by_every_call(my, kind):
    folder = my / "01_skeleton"
    folder.mkdir(parents=True)
    (folder / "demo.py").write_bytes((QUIET / "demo.py").read_bytes())
    put(folder / FRAMEWORK, kind)
    holds = kind in HOLD
    for words in (("check", 1), ("check", 1, folder / FRAMEWORK, "--compare"), ("check", folder),
                  ("run", folder), ("run", 1, "--on", folder), ("start", 2, "--mine")):
        code, out, err = call(*words)
        assert code == 0 if holds else code in (1, 2) or words[0] == "start", (words, out, err)
        assert "Traceback" not in out + err and "Error\n" not in err
        assert err.count("\n") == (0 if code == 0 or out.count("\n") > 2 else 1), (words, err)
    copied = my / "02_server" / FRAMEWORK
    assert not copied.exists() or copied.read_bytes() == (folder / FRAMEWORK).read_bytes()


@pytest.mark.parametrize("kind", FILES)
def test_an_odd_demo_is_said_in_a_line(my, kind):
    folder = my / "01_skeleton"
    folder.mkdir(parents=True)
    (folder / FRAMEWORK).write_bytes(RUNS)
    put(folder / "demo.py", kind)
    code, out, err = call("run", folder)
    assert "Traceback" not in out + err and (code == 0 or err.count("\n") == 1), err


@pytest.mark.parametrize("kind", FILES)
def test_start_leaves_what_is_there_and_says_so(my, kind):
    folder = my / "01_skeleton"
    folder.mkdir(parents=True)
    put(folder / FRAMEWORK, kind)
    before = state(folder / FRAMEWORK)
    code, out, err = call("start", 1)
    assert code == (0 if kind == "nothing" else 1) and err == ""
    assert before is None or state(folder / FRAMEWORK) == before


def test_an_odd_note_does_not_end_a_bug_hunt(my, monkeypatch):
    step = steps.find(1)
    hunts = bug.of_step(step)
    monkeypatch.setattr(bug, "of_step", lambda step: hunts)
    folder = my / "bug_01_1"
    folder.mkdir(parents=True)
    for number, kind in enumerate(FILES):
        note = folder / bug.NOTE
        if os.path.lexists(note):
            os.rename(note, folder / str(number))
        with contextlib.suppress(pytest.skip.Exception):
            put(note, kind)
        assert bug.behind(step, folder / FRAMEWORK) == hunts[0], kind


def test_a_note_saved_in_another_encoding_still_tells_which_bug_it_is(my):
    call("bug", "1.2")
    note = my / "bug_01_2" / bug.NOTE
    note.write_bytes(note.read_text().encode("utf-16"))
    os.rename(my / "bug_01_2", my / "bug_01_9")
    found = bug.behind(steps.find(1), my / "bug_01_9" / FRAMEWORK)
    assert found == bug.of_step(steps.find(1))[1]


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may do anything")
@pytest.mark.parametrize("words", [("check",), ("check", 1), ("start", 1), ("start", 2, "--mine"),
                                   ("bug", 1), ("watch",)])
def test_a_folder_that_may_not_be_read_is_one_line(my, words):
    my.mkdir(mode=0o000)
    code, out, err = call(*words)
    assert code in (1, 2) and err.count("\n") == 1


def test_a_step_that_may_not_be_read_is_not_said_to_be_missing(my, monkeypatch):
    call("start", 1)
    stat = os.stat

    def locked(path, *words, **more):
        if str(path).endswith(FRAMEWORK):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *words, **more)

    monkeypatch.setattr(os, "stat", locked)
    for words in ((my / "01_skeleton",), (1, my / "01_skeleton"), (1,)):
        code, out, err = call("check", *words)
        assert code == 2 and "you may not look there" in err


@posix_only
def test_no_name_of_a_folder_moves_the_cursor(tmp_path):
    folder = tmp_path / "a\033[2J\nb"
    folder.mkdir()
    for name in (FRAMEWORK, "demo.py"):
        (folder / name).write_bytes((QUIET / name).read_bytes())
    for words in (("check", 1, folder), ("run", folder), ("check", 9, folder / "x"),
                  ("check", folder), ("run", folder / "x"), ("grade", folder, "--through", 1)):
        code, out, err = call(*words)
        assert "\033" not in out + err and "\nb" not in out + err, words


# --- a full disk, and Ctrl-C

class Full:
    """Path.write_bytes on a disk that is full after so many files, in the middle of one."""

    def __init__(self, monkeypatch, files, error):
        self.files, self.error = files, error
        write = scratch.Path.write_bytes

        def write_bytes(path, content):
            self.files -= 1
            write(path, content[:10] if self.files < 0 else content)
            if self.files < 0:
                raise self.error

        monkeypatch.setattr(scratch.Path, "write_bytes", write_bytes)


ENDS = {"a full disk": (OSError(28, "No space left on device"), 1), "Ctrl-C": (KeyboardInterrupt(),
                                                                               130)}


def listing(folder):
    """Return {path: content} of all that is in a folder."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("words, files", [(("start", 3), 0), (("start", 3), 1), (("bug", "3.1"), 0),
                                          (("bug", "3.1"), 2)])
def test_what_is_interrupted_leaves_nothing_behind(my, tmp_path, monkeypatch, end, words,
                                                   files):
    error, expected = ENDS[end]
    with monkeypatch.context() as patch:
        Full(patch, files, error)
        code, out, err = call(*words)
    assert code == expected and "Traceback" not in err
    assert listing(tmp_path) == {}
    assert call(*words)[0] == 0     # and next time it is done


@pytest.mark.parametrize("end", ENDS)
def test_an_interrupted_start_mine_leaves_what_was_there(my, monkeypatch, end):
    error, expected = ENDS[end]
    for step in (1, 2):
        call("start", step)
    (my / "01_skeleton" / FRAMEWORK).write_text("# mine\n")
    before = listing(my)
    with monkeypatch.context() as patch:
        Full(patch, 0, error)
        assert call("start", 2, "--mine")[0] == expected
    assert listing(my) == before


@pytest.mark.parametrize("end", ENDS)
def test_several_files_are_all_replaced_or_none(tmp_path, monkeypatch, end):
    error, _ = ENDS[end]
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_text("old")
    paths[0].chmod(0o600)
    before = listing(tmp_path)
    with monkeypatch.context() as patch:
        Full(patch, 2, error)
        with pytest.raises(type(error)):
            scratch.replace_all(dict.fromkeys(paths, "new"))
    assert listing(tmp_path) == before
    scratch.replace_all(dict.fromkeys(paths, "new"))
    assert [path.read_text() for path in paths] == ["new"] * 3
    assert sorted(tmp_path.iterdir()) == paths
    assert os.name != "posix" or paths[0].stat().st_mode & 0o777 == 0o600


def test_replace_makes_nothing_new_of_what_is_there(tmp_path):
    scratch.replace(tmp_path / "a", "\xe9\n", new=True)
    assert (tmp_path / "a").read_bytes() == "\xe9\n".encode()
    with pytest.raises(FileExistsError):
        scratch.replace(tmp_path / "a", b"other", new=True)
    scratch.replace(os.devnull, "all of it")        # no plain file: it is still there afterwards
    assert not os.path.isfile(os.devnull)


def test_carry_has_one_way_to_write(monkeypatch):
    assert carry.replace_all is scratch.replace_all


@pytest.mark.parametrize("words", [("check", 1), ("check", "bug", "1.1")])
def test_a_full_disk_is_not_blamed_on_the_file(my, monkeypatch, words):
    call("start", 1)
    call("bug", "1.1")
    room = type("room", (), {"free": 0})
    monkeypatch.setattr(verdict.shutil, "disk_usage", lambda place: room)
    code, out, err = call(*words)
    assert (code, out) == (1, "") and "the disk is full" in err and err.count("\n") == 1


# --- several at once

def test_a_file_that_another_call_has_just_put_there_is_left_in_peace(my, monkeypatch):
    replace = mine.replace

    def too_late(path, content, new):
        if path.name == FRAMEWORK:
            path.write_text("# theirs\n")
        replace(path, content, new)

    monkeypatch.setattr(mine, "replace", too_late)
    code, out, err = call("start", 3)
    assert code == 1 and "You have begun this step" in out and err == ""
    folder = my / "03_routing"
    assert (folder / FRAMEWORK).read_text() == "# theirs\n" and (folder / "demo.py").exists()


@pytest.mark.parametrize("does", ["open(__file__, 'a').write('#')",
                                  "__import__('os').remove(__file__)"])
def test_a_file_that_changes_while_it_is_tried_is_not_judged(my, does):
    folder = my / "01_skeleton"
    folder.mkdir(parents=True)
    (folder / FRAMEWORK).write_bytes(RUNS + does.encode() + b"\n")
    code, out, err = call("check", 1)
    assert (code, err) == (1, "") and out.endswith("check it again.\n") and "Not yet" not in out


def test_ctrl_c_during_the_imports_just_ends_it():
    done = subprocess.run([sys.executable, "-c", """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv[0] = "-m"
import steps
assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
from steps.engine.command import main
main(["hint", "3"])
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""], cwd=steps.ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# --- streams that are closed, or full

@posix_only
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("words", [("map",), ("--help",), ("diff", 3), ("hint", 3),
                                   ("bug", "--list"), ("start", 1), ("check", "--exercise"),
                                   ("check", 1, "--exercise"), ("run", 1), ("fly",)])
def test_a_full_output_is_said_on_stderr(my, words):
    full = open("/dev/full", "w")
    code, _, err = call(*words, stdout=full)
    with contextlib.suppress(OSError):
        full.close()
    assert code in (1, 2) and err.startswith("steps: ") and err.count("\n") == 1, err


@posix_only
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&-"])
def test_a_closed_output_does_no_harm(closed):
    shell = f"{shlex.quote(sys.executable)} -B -m steps hint 3 {closed}"
    done = subprocess.run(shell, shell=True, cwd=steps.ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.count("\n") == (closed == ">&-")


@posix_only
def test_a_closed_input_ends_the_prompt():
    done = subprocess.run(f"{shlex.quote(sys.executable)} -B -m steps prompt 3 <&-", shell=True,
                          cwd=steps.ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize("does", ["sys.stdout.close()", "sys.stdout = None", "sys.stdout.isatty()",
                                  "print(sys.stdout.encoding)", "sys.stdout.buffer.write(b'x')"])
def test_a_demo_does_with_its_output_what_it_likes(tmp_path, does):
    (tmp_path / FRAMEWORK).write_bytes(RUNS)
    (tmp_path / "demo.py").write_text(f"import sys\n{does}\n")
    done = subprocess.run([sys.executable, "-B", "-m", "steps", "run", tmp_path], cwd=steps.ROOT,
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@posix_only
@pytest.mark.parametrize("stdout", ["None", "open(os.devnull, 'w')", "closed"])
def test_what_stands_in_the_buffer_is_told_to_its_end(stdout):
    done = subprocess.run([sys.executable, "-c", f"""
import os, sys
from steps.engine.child import send_the_buffer
closed = open(os.devnull)
closed.close()
sys.stdout = {stdout}
send_the_buffer()
"""], cwd=steps.ROOT, capture_output=True, text=True)
    assert done.stdout.count("</buffer>") == done.stdout.count("<buffer>") == 2, done


def test_the_last_words_of_a_program_are_short():
    with pytest.raises(steps.NotServing) as error:
        steps.Server([sys.executable, "-c", "print('x' * 100_000)"])
    assert len(str(error.value)) < 300 and len(error.value.log) > 100_000


def test_every_call_is_fed_here():
    others = {words[0] for words in TAKES_SOMETHING_ELSE}
    assert {*TAKES_A_STEP, *others, "test", "site"} == set(CALLS)
