"""The notebooks, each run in a kernel of its own: fresh, solvable, and without a trace left.

Their solutions are in tests/solutions/.
"""

import itertools
import os
import re
import socket
import subprocess
import sys
import time

import pytest
import requests

import steps
from docs.tools import notebooks
from steps.engine.server import is_let_in
from tests import solutions
from tests.course import PATIENCE

NAMES = [str(step) for step in steps.STEPS]


def in_a_kernel(test):
    """Mark a test that runs notebooks: it takes time, and wants the system they are stored on."""
    replayed = sys.platform.startswith("linux") and sys.version_info[:2] == (3, 11)
    reason = "the notebooks are replayed on Linux and Python 3.11"
    return pytest.mark.all(pytest.mark.skipif(not replayed, reason=reason)(test))


def path(name):
    return notebooks.FOLDER / f"{name}.ipynb"


def cells(notebook, start):
    """Return {id: cell} for the cells whose id begins with START."""
    return {cell.id: cell for cell in notebook.cells if cell.id.startswith(start)}


def of(*sources):
    """Return a notebook with these code cells."""
    import nbformat  # which takes a second or two, for tests of `test --all` only

    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


def say(notebook):
    """Return what the cells of a notebook show, one text each."""
    return [notebooks.printed(cell) for cell in notebooks.code_cells(notebook)]


# --- what can be seen without running them

def test_every_step_has_a_notebook():
    assert [file.stem for file in notebooks.ALL] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_its_shape(name):
    notebook = notebooks.stored(path(name))
    number = steps.find(name).number
    first = notebook.cells[0].source
    assert first.startswith(f"# Lab {number}. ") and f"(../docs/{name}.md)" in first
    code = notebooks.code_cells(notebook)
    assert code[0].id == "start" and code[0].source.startswith("import lab\n")
    assert (code[-1].id, code[-1].source) == ("stop", "lab.stop()")
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert text.count("**Predict.**") >= 3
    assert 2 <= len(cells(notebook, "exercise-")) <= 3
    for id, cell in cells(notebook, "exercise-").items():
        assert cell.metadata.tags == ["exercise"]
        following = code[code.index(cell) + 1]
        assert following.id == id.replace("exercise", "check")
        assert "with lab.check():" in following.source


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_is_the_same_on_every_machine(name):
    text = path(name).read_text(encoding="utf-8")
    assert str(steps.ROOT) not in text
    stored = "\n".join(say(notebooks.stored(path(name))))
    assert not re.search(r"127\.0\.0\.1:(?!8000)\d|/tmp/|\bat 0x(?!7f0000000000)", stored)


@pytest.mark.parametrize("name", NAMES)
def test_each_exercise_has_a_solution(name):
    exercises = cells(notebooks.stored(path(name)), "exercise-")
    assert list(solutions.of_notebook(name)) == list(exercises)


@pytest.mark.parametrize("name", NAMES)
def test_unsolved_exercises_say_not_yet(name):
    for cell in cells(notebooks.stored(path(name)), "check-").values():
        *_, verdict = notebooks.printed(cell).splitlines()
        assert re.fullmatch(r"Not yet: .{12,}[.?]", verdict), f"{cell.id}: {verdict}"


@pytest.mark.parametrize("name", NAMES)
def test_pictures_say_in_words_what_they_show(name):
    for cell in notebooks.code_cells(notebooks.stored(path(name))):
        if "(a picture)" in notebooks.printed(cell):
            assert len(cell.metadata["mystnb"]["image"]["alt"]) > 40, cell.id


def test_a_missing_package_says_which_command_to_run():
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import lab"], cwd=notebooks.FOLDER,
        capture_output=True, text=True,
    )
    assert done.returncode == 1
    assert "has no package requests" in done.stderr and "-m steps lab" in done.stderr


@pytest.mark.all
@pytest.mark.parametrize("name", NAMES)
def test_it_is_seen_as_nbformat_sees_it(name):
    assert notebooks.stored(path(name)) == notebooks.read(path(name))


# --- what they do

FORGET = "%reset -f"        # all names, as in a fresh kernel; to start one takes a second


@in_a_kernel
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_fresh_backwards_twice_over_and_solved(name, record_property):
    started = time.perf_counter()
    for _ in range(3):      # some cells wait half a second for what a busy machine does later
        faults = play(notebooks.stored(path(name)), solutions.of_notebook(name))
        if not faults:
            break
    record_property("measured", f"notebook {name}: {time.perf_counter() - started:.1f} s")
    assert not faults, "\n".join(["three times:", *faults])


def play(notebook, solved):
    """Run a notebook in all ways, in one kernel; return what is wrong with it, one text each.

    solved: {id of the cell of an exercise: its solution}.
    """
    stored = notebooks.code_cells(notebook)
    first, *rest = sources = [cell.source for cell in stored]
    ways = {
        "fresh": sources,
        "backwards": [FORGET, first, *reversed(rest)],
        "twice over": sources,
        "solved": [FORGET, *(solved.get(cell.id, cell.source) for cell in stored)],
    }
    played = notebooks.run(of(*itertools.chain(*ways.values())), allow_errors=True)
    cells = iter(notebooks.code_cells(played))
    ran = {way: list(itertools.islice(cells, len(sources))) for way, sources in ways.items()}
    faults = []
    for way in ("fresh", "twice over"):
        for cell, told in zip(ran[way], stored, strict=True):
            if notebooks.printed(cell) != notebooks.printed(told):
                faults.append(f"{way}: {told.id} shows\n{notebooks.printed(cell)}\nand stored is\n"
                              f"{notebooks.printed(told)}")
    for cell in ran["backwards"]:
        if not errors(cell) <= {"NameError"}:
            faults.append(f"backwards: {errors(cell)} of\n{cell.source}")
    for cell, told in zip(ran["solved"][1:], stored, strict=True):
        verdict = notebooks.printed(cell).rpartition("\n")[2]
        if errors(cell) or told.id.startswith("check-") and verdict != "Right.":
            faults.append(f"solved: {told.id} shows\n{notebooks.printed(cell)}")
    return faults


def errors(cell):
    """Return the names of the errors in which a cell ended, as a set."""
    return {output.ename for output in cell.outputs if output.output_type == "error"}


@in_a_kernel
def test_a_cell_that_fails_leaves_no_server():
    played = notebooks.run(of(
        "import lab, requests, socket",
        "server = lab.start(3); first = server.port; print(requests.get(server.url).text)",
        "1 / 0",
        "try:\n    socket.create_connection(('127.0.0.1', first), 1)\n"
        "except ConnectionRefusedError:\n    print('nobody listens')",
        "print(requests.get(server.url).text)",
    ), allow_errors=True)
    assert say(played) == ["", "hello", "ZeroDivisionError: division by zero", "nobody listens",
                           "hello"]


@in_a_kernel
def test_a_kernel_that_ends_leaves_no_server_and_no_files():
    played = notebooks.run(of("import lab\nlab.start(3).port", "str(lab.SCRATCH)"))
    port, scratch = say(played)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)), 1)
    assert not os.path.exists(scratch.strip("'"))


@in_a_kernel
def test_a_slip_in_a_program_is_told():
    played = notebooks.run(of(
        "import lab",
        "%%app mine\nfrom ownflask import Flask\ndef hello(:\n    pass",
        "%%app\nprint()",
        "%%app other\nraise ValueError('so')",
        "with lab.check():\n    other.on(3).url",
        "with lab.check():\n    never_made.on(3).url",
        "%%app mine\nprint()",
        "%%app mine\nprint(",
        "with lab.check():\n    mine.on(3).url",
    ), allow_errors=True)
    said = say(played)
    not_yet = "Not yet: name '{}' is not defined. Run the cell that makes it first; " \
              "one that ends in an error makes nothing."
    assert said[1].startswith("SyntaxError: ") and "mine.py, line 2" in said[1]
    assert said[2].startswith("ValueError: Give your program a name")
    assert said[4] == "Not yet: your program does not serve: it ended without a server: " \
                      "ValueError: so"
    assert said[5] == not_yet.format("never_made")
    assert said[6] == "" and said[7].startswith("SyntaxError: ")
    assert said[8] == not_yet.format("mine")


# --- proof that the checks above see what they are for

@in_a_kernel
def test_a_stale_output_is_seen(tmp_path, monkeypatch):
    damaged = notebooks.read(path("03_routing"))
    notebooks.code_cells(damaged)[1].outputs[0].data["text/plain"] = "(404, 'text/html', 'no')"
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    notebooks.write(damaged, tmp_path / "03_routing.ipynb")
    lines = notebooks.stale(tmp_path / "03_routing.ipynb")
    assert "-    (404, 'text/html', 'no')" in lines
    assert "+    (200, 'text/html; charset=utf-8', 'hello')" in lines


# --- the command

@pytest.mark.all
def test_lab_opens_the_notebook_of_a_step():
    command = [sys.executable, "-m", "steps", "lab", "3", "--no-browser",
               "--allow-root"]
    with steps.Server(command, cwd=steps.ROOT, wait=5 * PATIENCE) as server:
        patience = server.patience(PATIENCE)
        while not is_let_in(server.port) and not patience.is_over():
            time.sleep(0.05)        # it announces its URL before it listens
        token = re.search(r"token=(\w+)", server.log())[1]
        reply = requests.get(f"{server.url}/lab/tree/03_routing.ipynb", timeout=PATIENCE,
                             headers={"Authorization": f"token {token}"})
        assert reply.status_code == 200 and "JupyterLab" in reply.text
