"""The chapters as their readers use them: every change made by hand, every command typed."""

import subprocess
import sys

import pytest

import steps
from docs.tools import changes, chapters

PAGES = ["00_before_you_start", *map(str, steps.STEPS)]


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_who_makes_the_shown_changes_ends_with_the_snapshot(step):
    page = chapters.chapter(step).read_text(encoding="utf-8")
    before = steps.before(step)
    mine = {name: changes.code(before, name) for name in step.files}
    for stage, name, pieces in changes.shown(page):
        mine[name] = changes.apply(mine[name], pieces)
        assert name != "ownflask.py" or mine[name] == changes.code(stage, name), stage
    assert mine == {name: changes.code(step, name) for name in step.files}


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_a_chapter_shows_each_stage_once_and_in_order(step):
    page = chapters.chapter(step).read_text(encoding="utf-8")
    shown = [(stage, name) for stage, name, _ in changes.shown(page)]
    assert [stage for stage, name in shown if name == "ownflask.py"] == list(chapters.stages(step))
    assert len(set(shown)) == len(shown)
    for stage in chapters.stages(step):
        assert {name for each, name in shown if each is stage} == set(changes.files(stage))


def test_a_method_that_is_put_in_is_shown_from_its_first_line_to_its_last():
    [(where, lines)] = changes.pieces(steps.find("answer_post"), "ownflask.py")
    added = [line for line in lines if line[:1] == "+"]
    assert (where, added[:2]) == ("RequestHandler", ["+", "+    def do_POST(self):"])


def test_a_change_that_no_longer_fits_is_an_error():
    stage = steps.find("read_the_body")
    pieces = changes.pieces(stage, "ownflask.py")
    with pytest.raises(changes.DoesNotFit, match="stands 0 times"):
        changes.apply("class Request:\n    pass\n", pieces)


@pytest.mark.all
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sessions are those of Linux")
@pytest.mark.parametrize("name", PAGES)
def test_who_types_a_chapter_in_order_sees_what_it_shows(name):
    done = subprocess.run(
        [sys.executable, "-m", "docs.tools.play", f"docs/{name}.md"], cwd=steps.ROOT,
        capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
