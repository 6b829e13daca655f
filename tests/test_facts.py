"""What is told of a step in several places is the same in all of them, and nothing is a stub.

The places of a step are those of steps/engine/stubs/, which `new` fills.
"""

import json
import re

import pytest

import steps
from docs.tools import errata, flask_map, readmes
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


def test_the_readme_has_a_row_for_each_step():
    rows = re.findall(r"(?m)^\| \[(\w+)\]\(steps/\1\) \| (.*?) \| (.*) \|$", read("README.md"))
    assert [(name, title.replace("\\", "")) for name, title, _ in rows] == [
        (str(step), step.title) for step in steps.STEPS
    ]
    for name, _, links in rows:
        for target in (f"docs/{name}.md", f"docs/{name}.md#the-whole-diff",
                       f"notebooks/{name}.ipynb"):
            assert f"]({target})" in links, f"README.md, {name}: no link to {target}"


def test_the_index_has_each_chapter_and_each_lab():
    text = read("docs/index.md")
    chapters = re.findall(r"(?m)^\| \[0?([^]]+)\]\((\d\d_\w+)\.md\)", text)
    labs = re.findall(r"\]\(\.\./notebooks/(\w+)\.ipynb\)", text)
    assert [name for _, name in chapters[1:]] == labs == [str(step) for step in steps.STEPS]
    for step, (shown, _) in zip(steps.STEPS, chapters[1:], strict=True):
        assert shown.replace(". ", " ") == heading(step).replace(". ", " ")


def test_the_readme_of_each_step_is_fresh():
    assert [f"steps/{step}/README.md: python3 -m steps refresh" for step in readmes.stale()] == []


@each_step
def test_what_the_readme_of_a_step_links_to_is_there(step):
    _, *links = read(f"steps/{step}/README.md").split("](")
    paths = [link.partition(")")[0].partition("#")[0] for link in links]
    assert paths and [path for path in paths if not (step.folder / path).exists()] == []


def test_what_cites_a_step_names_one_that_is_there():
    known = {step.name for step in steps.STEPS}
    assert {entry.step for entry in errata.entries()} <= known
    assert {stop["step"] for stop in flask_map.stops() if "step" in stop} <= known


@each_step
def test_a_step_has_a_behaviour_of_its_own(step):
    assert any(each.since == step.number for each in BEHAVIOURS.values())
