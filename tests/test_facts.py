"""What is told of a step in several places is the same in all of them, and nothing is a stub.

The places of a step are those of steps/engine/stubs/, which `new` fills.
"""

import json

import pytest

import steps
from docs.tools import errata, flask_map, readmes, tables
from steps.engine.command.new import STUB, STUBS, places
from tests.behaviours import BEHAVIOURS

each_step = pytest.mark.parametrize("step", steps.STEPS, ids=str)


def read(path):
    return (steps.ROOT / path).read_text(encoding="utf-8")


def heading(step):
    """Return what the pages of a step are called, as a page begins with it."""
    return f"{step.number}. {step.heading[0].upper()}{step.heading[1:]}"


@each_step
def test_a_step_has_all_its_files(step):
    assert [path for path in places(step) if not (steps.ROOT / path).is_file()] == []


def test_no_file_is_left_of_a_step_that_is_not_there():
    known = {path for step in steps.STEPS for path in places(step)}
    for stub in STUBS.rglob("*NN_NAME.*"):
        folder = steps.ROOT / stub.relative_to(STUBS).parent
        for path in folder.glob(stub.name.replace("NN_NAME", "[0-9][0-9]_*")):
            path = path.relative_to(steps.ROOT).as_posix()
            assert path in known or path.startswith("docs/00_"), path


@each_step
def test_nothing_is_a_stub(step):
    stubs = [f"{path}:{number}: still a stub: {line.strip()}"
             for path in places(step) for number, line in enumerate(read(path).splitlines(), 1)
             if STUB in line]
    if stubs:
        pytest.fail("\n".join(stubs), pytrace=False)


@each_step
def test_its_chapter_and_its_lab_have_its_heading(step):
    assert read(f"docs/{step}.md").partition("\n")[0] == f"# {heading(step)}"
    first = "".join(json.loads(read(f"notebooks/{step}.ipynb"))["cells"][0]["source"])
    assert first.partition("\n")[0] == f"# Lab {heading(step)}"


@pytest.mark.parametrize("page, table", [
    ("README.md", tables.map_of_steps), ("docs/index.md", tables.contents),
])
def test_the_tables_of_the_steps_are_fresh(page, table, capsys):
    table()
    assert capsys.readouterr().out in read(page), f"{page}: python3 -m steps refresh {page}"


def test_the_readme_of_each_step_is_fresh():
    assert [f"steps/{step}/README.md: python3 -m steps refresh" for step in readmes.stale()] == []


@each_step
def test_what_the_readme_of_a_step_links_to_is_there(step):
    _, *links = read(f"steps/{step}/README.md").split("](")
    paths = [link.partition(")")[0].partition("#")[0] for link in links]
    assert paths and [path for path in paths if not (step.folder / path).exists()] == []


def test_what_cites_a_step_names_one_that_is_there():
    known = {step.name for step in steps.STEPS}
    for entry in errata.entries():
        assert errata.with_links(entry)     # UnknownStep where a stage is not there
    assert {stop["step"] for stop in flask_map.stops() if "step" in stop} <= known


@each_step
def test_a_step_has_a_behaviour_of_its_own(step):
    assert any(each.since == step.number for each in BEHAVIOURS.values())
