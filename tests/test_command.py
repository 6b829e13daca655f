"""The command as a reader meets it: python3 -m steps, in a process of its own."""

import ast
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

import steps

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals and terminals")


def command(*words, cwd=steps.ROOT, **more):
    """Run python3 -m steps with these words and return the finished process, output as text."""
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    environment.update(more)
    return subprocess.run(
        [sys.executable, "-B", "-m", "steps", *map(str, words)], cwd=cwd, env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=120,
    )


@pytest.fixture
def course(tmp_path):
    """A copy of the course in a git repository of its own, for tests that change files."""
    folder = tmp_path / "course"
    shutil.copytree(
        steps.ROOT, folder, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*cache")
    )
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "start")
    return folder


def git(folder, *words):
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)


def edit(folder, step, old, new, name="ownflask.py"):
    path = folder / "steps" / str(steps.find(step)) / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


# --- finding a step

@pytest.mark.parametrize("wanted", [3, "3", "03", "routing", "03_routing", "steps/03_routing/",
                                    "Routing", "steps\\03_routing"])
def test_a_step_is_found_by_number_or_name(wanted):
    assert steps.find(wanted) is steps.STEPS[2]


@pytest.mark.parametrize("words", [
    ("fly",), ("run",), ("run", "0"), ("run", "99"), ("run", "nope"), ("run", "3", "4"),
    ("run", "3", "--port", "http"), ("run", "3", "--port", "-1"), ("run", "3", "--port", "65536"),
    ("run", "3", "--port", "9" * 5000), ("run", "3", "--on", "x"), ("run", ""), ("run", "3", "-x"),
    ("diff",), ("diff", "1", "x"), ("diff", "1", "2", "3"), ("carry",), ("carry", "x"),
    ("map", "x"), ("", ""), ("run", "\N{SUPERSCRIPT THREE}"),
])
def test_bad_input_is_one_line_and_exit_2(words):
    done = command(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("steps: ") and done.stderr.count("\n") == 1, done.stderr


def test_an_unknown_step_lists_the_steps():
    for step in steps.STEPS:
        assert step.name in command("run", "nope").stderr


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


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("diff", "-h"), ("test", "-h"),
                                   ("carry", "-h")])
def test_help_is_help(words):
    done = command(*words)
    assert done.returncode == 0 and "-m steps" in done.stdout and done.stderr == ""


def test_diff_shows_what_a_step_changed():
    done = command("diff", "routing")
    assert done.returncode == 0
    assert "--- steps/02_server/ownflask.py\n+++ steps/03_routing/ownflask.py\n" in done.stdout
    assert "\n+routes = {}\n" in done.stdout
    assert "\033" not in done.stdout


def test_diff_of_two_steps_and_of_the_first():
    assert "-routes = {}" in command("diff", "8", "9").stdout
    assert "+routes = {}" in command("diff", "1", "6").stdout
    assert "+class Flask:" in command("diff", "1").stdout
    assert "are the same" in command("diff", "3", "3").stdout


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
    shell = f"{sys.executable} -m steps diff 1 9 | head -1"
    done = subprocess.run(shell, shell=True, cwd=steps.ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("---") and done.stderr == ""


# --- run

def serve(*words):
    """Start `run` and return the process once it listens, with the lines it printed."""
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "steps", "run", *map(str, words)], cwd=steps.ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    lines = [process.stdout.readline()]
    while lines[-1] and not lines[-1].startswith("Running on"):
        lines.append(process.stdout.readline())
    return process, lines


@posix_only
def test_run_serves_until_ctrl_c():
    process, lines = serve(9, "--port", 0)
    url = lines[-1].split()[2]
    with process:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as reply:
            assert reply.read() == b"hello world"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert "Traceback" not in process.stderr.read()
    assert lines[0] == f"Step 9, wsgi: {steps.find(9).title}\n"
    assert any("curl" in line and url in line for line in lines[1:-1])


def test_run_puts_the_new_demo_on_the_old_framework():
    process, lines = serve(4, "--on", 3, "--port", 0)
    with process:
        process.terminate()
    assert "Step 4, query_params, on the framework of step 3" in lines[0]


def test_run_of_step_1_says_that_nobody_listens():
    done = command("run", 1)
    assert done.returncode == 0 and "Nobody listens" in done.stdout


def test_run_on_a_port_in_use_says_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("run", 2, "--port", port)
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert f"-m steps run 2 --port {port + 1}" in done.stderr and "Traceback" not in done.stderr


# --- carry

def test_carry_takes_a_change_through_all_later_steps(course):
    edit(course, 5, "Pick another port:", "Choose another port:")
    edit(course, 5, 'return f"hello {escape(name)}"', 'return f"hi {escape(name)}"', "demo.py")
    done = command("carry", 5, cwd=course)
    assert done.returncode == 0, done.stderr
    changed = git(course, "diff", "--name-only").stdout.split()
    assert changed == [
        f"steps/{step}/{name}" for step in steps.STEPS[4:] for name in ("demo.py", "ownflask.py")
    ]
    for path in changed:
        text = (course / path).read_text(encoding="utf-8")
        assert "Choose another port:" in text or 'f"hi {escape(name)}"' in text


def test_carry_twice_changes_nothing_more(course):
    edit(course, 7, "The body is not JSON", "The body is no JSON")
    assert command("carry", 7, cwd=course).returncode == 0
    once = git(course, "diff").stdout
    again = command("carry", 7, cwd=course)
    assert "has the change already" in again.stdout
    assert git(course, "diff").stdout == once


def test_carry_keeps_what_a_later_step_has_of_its_own(course):
    edit(course, 9, "    daemon_threads = True\n", "    daemon_threads = True  # mine\n")
    edit(course, 7, "The body is not JSON", "The body is no JSON")
    assert command("carry", "method_checks", cwd=course).returncode == 0
    text = (course / "steps/09_wsgi/ownflask.py").read_text(encoding="utf-8")
    assert "The body is no JSON" in text and "daemon_threads = True  # mine\n" in text


def test_carry_reports_a_conflict_by_file_and_line_and_writes_nothing(course):
    edit(course, 4, "            return f\n", "            return f  # the view\n")
    edit(course, 4, "        body = resp.encode()\n", "        body = bytes(resp, 'utf-8')\n")
    before = git(course, "diff").stdout
    done = command("carry", 4, cwd=course)
    assert done.returncode == 1
    assert "nothing was written" in done.stderr and "Traceback" not in done.stderr
    place = next(line for line in done.stderr.splitlines() if ".py:" in line).strip()
    path, line, text = place.split(":", 2)
    lines = (course / path).read_text(encoding="utf-8").splitlines()
    assert path == "steps/05_json/ownflask.py"
    assert lines[int(line) - 1].strip() == text.strip()
    assert git(course, "diff").stdout == before


def test_carry_until_stops_there(course):
    edit(course, 3, "Pick another port:", "Choose another port:")
    assert command("carry", 3, "--until", 5, cwd=course).returncode == 0
    changed = git(course, "diff", "--name-only").stdout.split()
    assert changed == [f"steps/{step}/ownflask.py" for step in steps.STEPS[2:5]]


def test_carry_without_a_change_says_so(course):
    done = command("carry", 5, cwd=course)
    assert done.returncode == 0 and "Nothing to carry" in done.stdout


def test_carry_outside_git_says_so(course):
    shutil.rmtree(course / ".git", ignore_errors=True)
    edit(course, 3, "Pick another port:", "Choose another port:")
    done = command("carry", 3, cwd=course, GIT_CEILING_DIRECTORIES=str(course.parent))
    assert done.returncode == 1 and "no git checkout" in done.stderr


# --- the virtual environment

def ready(course, **more):
    """Set up .venv in a copy of the course as `test` does."""
    code = "import sys, steps.command as c\n" \
           "from steps.command import venv\n" \
           "try: print(venv.ready(['requirements.txt']))\n" \
           "except c.Trouble as trouble: sys.exit(f'steps: {trouble}')"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=course, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", **more},
    )


def test_the_environment_is_made_once_reused_and_renewed(course):
    (course / "requirements.txt").write_text("# nothing yet\n")
    first = ready(course)
    assert first.returncode == 0, first.stderr
    assert "Making a virtual environment" in first.stdout and "Installed in" in first.stdout
    mine = course / ".venv" / "mine.txt"
    mine.write_text("kept")

    again = ready(course)
    assert again.stdout.splitlines() == first.stdout.splitlines()[-1:]

    (course / "requirements.txt").write_text("no-such-package==1.0\n")
    offline = ready(course)
    assert offline.returncode == 1
    assert "pip could not install requirements.txt" in offline.stderr
    assert "Is this machine online?" in offline.stderr and "Traceback" not in offline.stderr

    (course / "requirements.txt").write_text("# changed\n")
    renewed = ready(course)
    assert "Making" not in renewed.stdout and "Installed in" in renewed.stdout
    assert mine.read_text() == "kept"


def test_without_a_venv_module_it_says_what_to_install(course, tmp_path):
    (tmp_path / "venv.py").write_text("raise SystemExit('ensurepip is not available')\n")
    done = ready(course, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "ensurepip is not available" in done.stderr and "python3-venv" in done.stderr
