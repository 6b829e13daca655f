"""The snapshots and their stages as texts: standard library only, one shape."""

import ast
import re
import sys

import pytest

import steps
from steps.engine.command.measure import read

STEPS = [pytest.param(step, id=str(step)) for step in steps.STEPS]
DEMO_LINES = 40


def test_the_catalogue_lists_the_folders():
    folders = sorted(path.name for path in steps.FOLDER.glob("[0-9]*"))
    assert folders == [str(step) for step in steps.STEPS]
    assert [step.number for step in steps.STEPS] == list(range(1, len(steps.STEPS) + 1))


@pytest.mark.parametrize("step", STEPS)
def test_only_the_standard_library_is_imported(step):
    for path in step.folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name} imports relatively"
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                own = path.name == "demo.py" and top == "ownflask"
                assert own or top in sys.stdlib_module_names, f"{path} imports {name}"


@pytest.mark.parametrize("step", STEPS)
def test_the_docstring_says_what_is_new_and_what_is_missing(step):
    docstring = ast.get_docstring(ast.parse(read(step, "ownflask.py")))
    shape = (
        rf"OwnFlask, step {step.number}: [^\n]+\.\n\nNew: .+\nStill missing: .+\n"
        rf"The story: docs/{step}\.md"
    )
    assert re.fullmatch(shape, docstring, re.S), docstring


@pytest.mark.parametrize("step", STEPS)
def test_the_demo_is_short_and_ends_in_a_plain_run(step):
    lines = read(step, "demo.py").splitlines()
    assert len(lines) <= DEMO_LINES
    assert lines[-2:] == ['if __name__ == "__main__":', "    app.run()"]


@pytest.mark.parametrize("step", STEPS)
def test_lines_fit_a_projector(step):
    for path in step.folder.rglob("*.py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert len(line) <= 88, f"{path}:{number} has {len(line)} characters"
