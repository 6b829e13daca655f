"""What is right in another way is accepted: solutions written differently, judged as a learner's.

They are kept in tests/right/: as edits of our own step (edits.toml), and as whole files, which
say in their first line which steps they are for. The quick test tries one.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import steps
from steps.engine.command.judge import wanted
from steps.engine.edits import edited
from tests.behaviours import Bench
from tests.course import hold, waits

FOLDER = Path(__file__).parent / "right"


def variants():
    """Return {(number of the step or name of the stage, name): the text of an ownflask.py}."""
    found = {}
    for entry in tomllib.loads((FOLDER / "edits.toml").read_text(encoding="utf-8"))["right"]:
        for number in entry["steps"]:
            ours = (steps.find(number).folder / "ownflask.py").read_text(encoding="utf-8")
            found[number, entry["name"]] = edited(ours, entry["edits"], f"step {number}")
    for path in sorted(FOLDER.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        first, last = map(int, re.match(r"# Right at the steps (\d+) to (\d+)\b", text).groups())
        found |= {(number, path.stem): text for number in range(first, last + 1)}
    return found


VARIANTS = variants()
SAMPLE = 9, "apart"


@pytest.mark.parametrize("number, name", [
    pytest.param(*key, marks=() if key == SAMPLE else pytest.mark.all) for key in VARIANTS
])
def test_is_accepted(number, name, tmp_path):
    (tmp_path / "ownflask.py").write_text(VARIANTS[number, name], encoding="utf-8")
    step = steps.find(number)
    bench = Bench(tmp_path, step.step.number, *waits(None))
    try:
        for behaviour in wanted(step):
            hold(bench, behaviour, about=f"{name}: ")
    finally:
        bench.close()


def test_there_are_five_a_step():
    count = Counter(number for number, name in VARIANTS)
    assert all(count[step.number] >= 5 for step in steps.STEPS), count
