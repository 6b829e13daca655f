"""The command as a reader meets it: python3 -m steps, in a process of its own."""

import ast
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import steps
from steps.engine.command import BadInput, run
from steps.engine.command.diff import diff, unified
from steps.engine.edits import edited
from tests.course import PATIENCE, command, copy_to, said

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and terminals")


# --- finding a step

@pytest.mark.parametrize("wanted", [3, "3", "03", "routing", "03_routing", "steps/03_routing/",
                                    "Routing", "steps\\03_routing"])
def test_a_step_is_found_by_number_or_name(wanted):
    assert steps.find(wanted) is steps.STEPS[2]


@pytest.mark.parametrize("wanted", ["3.2", "03.02", "ask_routes", "3.2_ask_routes", "Ask_Routes",
                                    "steps/03_routing/stages/3.2_ask_routes/"])
def test_a_stage_is_found_by_number_or_name(wanted, monkeypatch):
    monkeypatch.chdir(steps.ROOT)
    assert steps.find(wanted) is steps.STEPS[2].stages[1]


def test_what_is_before_a_stage_is_a_stage_or_the_step_before():
    first, second, *_ = steps.STEPS[2].stages
    assert steps.before(second) is first and steps.before(first) is steps.STEPS[1]
    assert steps.before(steps.STEPS[0].stages[0]) is None


def test_the_last_stage_is_the_step():
    step = steps.STEPS[2]
    assert step.stages[-1].folder == step.folder != step.stages[0].folder
    assert step.stages[0].demo == step.demo and step.stages[0].step is step


def test_an_unknown_stage_lists_the_stages():
    text = said("run", "3.99").stderr
    for stage in steps.STEPS[2].stages:
        assert f"{stage.number} {stage.name}" in text


@pytest.mark.parametrize("words", [
    ("fly",), ("run",), ("run", "0"), ("run", "99"), ("run", "nope"), ("run", "3", "4"),
    ("run", "3", "--port", "http"), ("run", "3", "--port", "-1"), ("run", "3", "--port", "65536"),
    ("run", "3", "--port", "9" * 5000), ("run", "3", "--on", "x"), ("run", ""), ("run", "3", "-x"),
    ("diff",), ("diff", "1", "x"), ("diff", "1", "2", "3"), ("carry",), ("carry", "x"),
    ("map", "x"), ("", ""), ("test", "nope"), ("test", "tests/nope.py"),
    ("carry", len(steps.STEPS)), ("carry", "4", "--until", "4"), ("run", "3.0"), ("map", "99.1"),
    ("diff", "3.1", "3.99"),
])
def test_bad_input_is_one_line_and_exit_2(words):
    done = said(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("steps: ") and done.stderr.count("\n") == 1, done.stderr


def test_bad_input_ends_a_process_of_its_own_with_2():
    done = command("run", "nope")
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("steps: there is")


@pytest.mark.parametrize("text", ["\N{SUPERSCRIPT THREE}", "\N{ARABIC-INDIC DIGIT THREE}" * 3])
def test_odd_digits_are_no_port(text):
    with pytest.raises(BadInput, match="--port takes a number"):
        run.read_port(text)


def test_an_unknown_step_lists_the_steps():
    words = said("run", "nope").stderr
    for step in steps.STEPS:
        assert step.name in words


def test_an_old_python_is_told_so_in_one_line():
    code = "import sys; sys.version_info = (3, 10, 9); import steps"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=steps.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "3.11 or newer; this one is 3.10" in done.stderr and done.stderr.count("\n") == 1
    # It can only say so if it can read that far.
    source = (steps.FOLDER / "__init__.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 4))


# --- map, help, diff

def test_the_map_names_every_step_and_what_to_type_next():
    done = command()
    assert done.returncode == 0
    for step in steps.STEPS:
        assert f"{step.number:>2}  {step.name}" in done.stdout and step.title in done.stdout
    assert "-m steps run 3" in done.stdout


def test_the_map_of_a_step_names_its_stages():
    text = said("map", "post").stdout
    for stage in steps.find("post").stages:
        assert re.search(rf"^  {stage.number} +{stage.name} +{re.escape(stage.title)}$", text, re.M)


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("diff", "-h"), ("test", "-h"),
                                   ("carry", "-h")])
def test_help_is_help(words):
    done = said(*words)
    assert done.returncode == 0 and "-m steps" in done.stdout and done.stderr == ""


def test_diff_shows_what_a_step_changed():
    done = command("diff", "routing")
    assert done.returncode == 0
    assert "--- steps/02_server/ownflask.py\n+++ steps/03_routing/ownflask.py\n" in done.stdout
    assert "\n+routes = {}\n" in done.stdout
    assert "\033" not in done.stdout


def test_diff_of_two_steps_and_of_the_first():
    assert "-routes = {}" in said("diff", "8", "9").stdout
    assert "+routes = {}" in said("diff", "1", "6").stdout
    assert "+class Flask:" in said("diff", "1").stdout
    assert "are the same" in said("diff", "3", "3").stdout


def test_diff_of_a_stage_is_against_the_stage_before():
    change = said("diff", "6.2").stdout
    assert change.startswith("--- steps/06_post/stages/6.1_answer_post/ownflask.py\n"
                             "+++ steps/06_post/stages/6.2_read_the_body/ownflask.py\n")
    assert "+        return stream.read(size)\n" in change and "demo.py" not in change
    assert "+    def json(self):" in said("diff", "6.1", "parse_json").stdout
    assert "+++ steps/06_post/demo.py" in said("diff", "6.1").stdout     # the step's, since 6.1


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_git_makes_of_a_diff_what_it_shows(step, tmp_path):
    changes = [(steps.before(each), each) for each in (step, *step.stages)]
    for old, new in [*changes, (steps.STEPS[0], step), (step, steps.STEPS[0])]:
        for name in new.files:
            (tmp_path / name).unlink(missing_ok=True)
            if old:
                shutil.copy(old.path(name), tmp_path / name)
        # git wants a file to have one name before and after.
        lines = [re.sub(r"^(---|[+]{3}) steps/.+/", r"\1 x/", line) for line in diff(old, new)]
        if lines:
            (tmp_path / "diff").write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
            git(tmp_path, "apply", "--whitespace=nowarn", "diff")
        for name in new.files:
            assert (tmp_path / name).read_bytes() == new.path(name).read_bytes(), (old, new, name)


@pytest.mark.parametrize("old, new, shown", [
    ("a|x|y||z|w", "a|x|y||b|x|y||z|w", " a| x| y|+|+b|+x|+y| | z| w"),         # put in
    ("a|x|y||b|x|y||z|w", "a|x|y||z|w", " a| x| y|-|-b|-x|-y| | z| w"),         # taken out
    ("a|x|y||z|w", "c|x|y||b|x|y||z|w", "-a|+c| x| y|+|+b|+x|+y| | z| w"),      # the other changed
    ("a|x|y||b|x|y||z|w", "c|x|y||z|w", "-a|+c| x| y|-|-b|-x|-y| | z| w"),
])
def test_of_two_methods_that_end_alike_one_is_shown_whole(old, new, shown):
    old, new = old.split("|"), new.split("|")
    assert list(unified(old, new, "a", "b", around=9))[3:] == shown.split("|")
    assert list(unified(old, old, "a", "b")) == []


@posix_only
@pytest.mark.parametrize("more, coloured", [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False),
                                            ({"TERM": "xterm", "NO_COLOR": "1"}, False)])
def test_colour_on_a_terminal_only(more, coloured):
    parent, child = os.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    with subprocess.Popen(
        [sys.executable, "-m", "steps", "diff", "8"], cwd=steps.ROOT, stdout=child,
        env={**environment, **more},
    ) as process:
        os.close(child)
        shown = b""
        while chunk := read(parent):
            shown += chunk
    os.close(parent)
    assert process.returncode == 0
    assert (b"\033[32m+class Server" in shown) == coloured


def read(terminal):
    """Return what a terminal shows next, b"" when its program has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


@posix_only
def test_a_reader_who_leaves_early_does_no_harm():
    shell = f"{shlex.quote(sys.executable)} -m steps diff 1 9 | head -1"
    done = subprocess.run(shell, shell=True, cwd=steps.ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("---") and done.stderr == ""


def test_a_terminal_without_the_letter_gets_a_question_mark():
    done = command("diff", 5, PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and "Les Mis?rables" in done.stdout and done.stderr == ""


def test_said_without_m_it_works_from_any_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, str(steps.ROOT / "steps"), "run", "99"], cwd=tmp_path, text=True,
        capture_output=True, env={**os.environ, "PYTHONSAFEPATH": "1"},
    )
    assert done.returncode == 2 and done.stderr.startswith("steps: there is no step '99'")


# --- run

@contextlib.contextmanager
def serving(*words):
    """Start `run`, yield the process and its lines once it has said what to try, and end it."""
    with subprocess.Popen(
        [sys.executable, "-B", "-m", "steps", "run", *map(str, words)], cwd=steps.ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:
        try:
            lines = [process.stdout.readline()]
            while lines[-1] and "curl" not in lines[-1]:
                lines.append(process.stdout.readline())
            yield process, lines
        finally:
            process.kill()


@posix_only
def test_run_serves_until_ctrl_c():
    with serving(9, "--port", 0) as (process, lines):
        url = lines[1].split()[2]
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as reply:
            assert reply.read() == b"hello world"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert "Traceback" not in process.stderr.read()
    assert lines[0] == f"Step 9, wsgi: {steps.find(9).title}\n"
    assert lines[1].startswith("Running on http://127.0.0.1:") and url in lines[-1]


def test_run_puts_the_new_demo_on_the_old_framework():
    with serving(4, "--on", 3, "--port", 0) as (_, lines):
        pass
    assert "demo of step 4, query_params, on the framework of step 3" in lines[0]


@pytest.fixture
def my_own(tmp_path):
    """A folder of a reader's, with step 3 in it and a page of their own."""
    folder = tmp_path / "my" / "03_routing"
    shutil.copytree(steps.find(3).folder, folder)
    demo = folder / "demo.py"
    mine = edited(demo.read_text(encoding="utf-8"), [('return "hello"', 'return "my own"')])
    demo.write_text(mine, encoding="utf-8")
    return folder


@pytest.mark.parametrize("words, page", [
    (("FOLDER",), b"my own"), ((3, "--on", "FOLDER"), b"hello"),
    pytest.param(("FOLDER/demo.py",), b"my own", marks=pytest.mark.all),
    pytest.param(("FOLDER", "--on", 3), b"my own", marks=pytest.mark.all),
])
@posix_only
def test_run_serves_a_readers_own_folder_and_never_ours_for_it(my_own, words, page):
    words = [str(word).replace("FOLDER", str(my_own)) for word in words]
    with serving(*words, "--port", 0) as (_, lines):
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                next(line for line in lines if "Running" in line).split()[2]) as reply:
            assert reply.read() == page
    assert "our own" in lines[0]


def test_a_readers_own_error_is_shown_from_their_own_line_on(my_own):
    (my_own / "demo.py").write_text("from ownflask import Flask\nFlask(1).run(debug=True)\n")
    done = command("run", my_own)
    assert done.returncode == 1
    assert done.stderr.startswith(f'Traceback (most recent call last):\n  File "{my_own}')
    assert "To do: run() here takes host and port alone: leave debug out\n" in done.stderr


def test_run_of_step_1_says_that_nobody_listens():
    done = command("run", 1)
    assert done.returncode == 0 and "Nobody listens" in done.stdout


def test_run_on_a_port_in_use_says_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("run", 3, "--on", 2, "--port", port)
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "-m steps run 3 --on 2 --port 0" in done.stderr and "Traceback" not in done.stderr
    assert "curl" not in done.stdout


# --- carry

TEXT = '''"""Step {0}."""

first = 1
second = 2

third = 3


def only_in_step_{0}():
    pass


last = "{1}"
'''


@pytest.fixture(scope="session")
def committed(tmp_path_factory):
    """The command in git, with stages that hold a short text: `last` changes with step 6."""
    folder = tmp_path_factory.mktemp("committed")
    copy_to(folder / "steps", steps.FOLDER)
    for path in stage_files():
        number = steps.find(path.parts[1]).number
        text = TEXT.format(number, "new" if number >= 6 else "old")
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    try:
        git(folder, "init", "--quiet", "--template=")
    except FileNotFoundError:
        pytest.skip("carry needs git")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "start")
    return folder


@pytest.fixture
def history(committed, tmp_path):
    """A copy of `committed`, for a test to change."""
    return shutil.copytree(committed, tmp_path / "a course")


def git(folder, *words):
    settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false",
                "-c", "core.hooksPath=none", "-c", "core.autocrlf=false"]
    return subprocess.run(
        ["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True
    )


def stage_files(first=1, last=99, name="*.py"):
    """Return the paths of the files NAME of these steps and their stages, in order."""
    paths = [path.relative_to(steps.ROOT) for stage in steps.STAGES
             for path in sorted(stage.folder.glob(name)) if path.name in stage.files]
    return [path for path in paths if first <= int(path.parts[1][:2]) <= last]


def place(folder, step, name="ownflask.py"):
    return folder / steps.find(step).folder.relative_to(steps.ROOT) / name


def write(folder, step, text, name="ownflask.py"):
    place(folder, step, name).write_text(text, encoding="utf-8", newline="\n")


def edit(folder, step, old, new, name="ownflask.py"):
    text = place(folder, step, name).read_text(encoding="utf-8")
    write(folder, step, edited(text, [(old, new)]), name)


def changed(folder):
    return git(folder, "diff", "--name-only").stdout.split()


def test_carry_takes_a_change_through_all_later_steps(history):
    edit(history, 5, "second = 2", "second = 22")
    edit(history, 5, "third = 3", "third = 33", "demo.py")
    done = command("carry", 5, cwd=history)
    assert done.returncode == 0, done.stderr
    later = stage_files(6) + [Path("steps/05_json", name) for name in ("ownflask.py", "demo.py")]
    assert sorted(changed(history)) == sorted(path.as_posix() for path in later)
    for path in later:
        text = (history / path).read_text(encoding="utf-8")
        assert ("third = 33" if path.name == "demo.py" else "second = 22") in text
        assert f"only_in_step_{int(path.parts[1][:2])}" in text


def test_carry_twice_changes_nothing_more(history):
    edit(history, 7, "third = 3", "third = 33")
    assert command("carry", 7, cwd=history).returncode == 0
    once = git(history, "diff").stdout
    again = command("carry", 7, cwd=history)
    assert "has the change already" in again.stdout
    assert git(history, "diff").stdout == once


def test_carry_keeps_what_a_later_step_has_of_its_own(history):
    edit(history, 9, "third = 3", "third = 3  # mine")
    edit(history, 7, "first = 1", "first = 11")
    assert command("carry", "method_checks", cwd=history).returncode == 0
    text = place(history, 9).read_text(encoding="utf-8")
    assert "first = 11" in text and "third = 3  # mine" in text


def test_carry_leaves_the_docstrings_alone(history):
    edit(history, 3, "Step 3.", "Step 3, said better.")
    assert "Nothing to carry" in command("carry", 3, cwd=history).stdout
    edit(history, 3, "first = 1", "first = 11")
    assert command("carry", 3, cwd=history).returncode == 0
    assert place(history, 4).read_text(encoding="utf-8").startswith('"""Step 4."""')
    assert "first = 11" in place(history, 9).read_text(encoding="utf-8")


def test_carry_reports_a_conflict_by_file_and_line_and_writes_nothing(history):
    edit(history, 4, 'last = "old"', 'last = "older"')
    edit(history, 4, "first = 1", "first = 11", "demo.py")
    before = git(history, "diff").stdout
    done = command("carry", 4, cwd=history)
    assert done.returncode == 1
    assert "nothing was written" in done.stderr and "Traceback" not in done.stderr
    place = "steps/06_post/stages/6.1_answer_post/ownflask.py"
    assert f'  {place}:13: last = "new"\n' in done.stderr
    assert '    -last = "old"\n    +last = "older"\n' in done.stderr
    assert "-m steps carry 4 --until 5" in done.stderr
    assert git(history, "diff").stdout == before


def test_carry_until_stops_there(history):
    edit(history, 3, "first = 1", "first = 11")
    assert command("carry", 3, "--until", 5, cwd=history).returncode == 0
    later = [*stage_files(4, 5, "ownflask.py"), Path("steps/03_routing/ownflask.py")]
    assert sorted(changed(history)) == sorted(path.as_posix() for path in later)


def test_carry_takes_a_change_of_a_stage_through_stages_and_steps_alike(history):
    edit(history, "3.2", "first = 1", "first = 11")
    assert command("carry", "ask_routes", "--until", "4.1", cwd=history).returncode == 0
    assert changed(history) == [
        "steps/03_routing/ownflask.py",
        "steps/03_routing/stages/3.2_ask_routes/ownflask.py",
        "steps/03_routing/stages/3.3_body_before_status/ownflask.py",
        "steps/04_query_params/stages/4.1_cut_off_the_query/ownflask.py",
    ]


def test_carry_goes_on_behind_a_step_that_has_the_change_already(history):
    for step in (3, "4.1", 4):
        edit(history, step, "first = 1", "first = 11")
    assert command("carry", 3, cwd=history).returncode == 0
    for step in steps.STEPS[2:]:
        assert "first = 11" in place(history, step.number).read_text(encoding="utf-8")
        assert f"only_in_step_{step.number}" in place(history, step.number).read_text()


def test_carry_without_a_change_says_so(history):
    done = command("carry", 5, cwd=history)
    assert done.returncode == 0 and "Nothing to carry" in done.stdout


def test_carry_outside_git_says_so(course):
    done = command("carry", 3, cwd=course, GIT_CEILING_DIRECTORIES=str(course.parent))
    assert done.returncode == 1
    assert "git" in done.stderr and "Traceback" not in done.stderr
