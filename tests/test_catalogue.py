"""The catalogue: what it reads from the folders of the steps, and what it says of a broken one."""

import shutil
import subprocess
import sys

import pytest

import steps
from steps.engine.catalogue import BrokenStep, Stage, load

GOOD = 'title = "it works"\n'


def folder_of(tmp_path, **files):
    """Make steps of these names, {folder: text of its step.toml}, and return their folder."""
    for name, text in files.items():
        (tmp_path / name[1:]).mkdir()
        (tmp_path / name[1:] / "step.toml").write_bytes(
            text if isinstance(text, bytes) else text.encode()
        )
    return tmp_path


def test_a_folder_with_a_step_toml_is_a_step(tmp_path):
    more = 'tries = ["{curl} {url}/"]\nnote = "until step {second}"\npicture = """\na\nb"""\n' \
           '[[stage]]\nname = "half"\ntitle = "half of it"\nfailure = "none of it"\n' \
           'hint = """\nlook\nhere"""\n'
    folder = folder_of(tmp_path, _01_first=GOOD + more, _02_second=GOOD)
    (folder / "02_second copy").mkdir()
    (folder / "03_being_made").mkdir()
    (folder / "engine").mkdir()
    first, second = load(folder)
    assert (str(first), first.number, first.name, first.title) == ("01_first", 1, "first",
                                                                   "it works")
    assert (first.tries, first.note, first.picture) == (("{curl} {url}/",), "until step 2", "a b")
    assert first.stages == (
        Stage(1, 1, True, "half", "half of it", "none of it", "look here", ("{curl} {url}/",)),
    )
    assert (second.tries, second.note, second.stages) == ((), "", ())


@pytest.mark.parametrize("text, says", [
    ("", "title: it is missing"),
    ('title = " "', "title: it is missing"),
    ("title = 3", "title: it should be text, not 3"),
    ("title = ", "Invalid value"),
    (b'title = "\xff"', "can't decode byte 0xff"),
    ('titel = "x"', "titel: there is no such field"),
    (GOOD + 'tries = "x"', "tries: it should be a list, not 'x'"),
    (GOOD + "tries = [3]", "tries: it should be a list of texts"),
    (GOOD + 'tries = ["{crl} {url}"]', "tries: what stands in braces there cannot be filled in"),
    (GOOD + 'tries = ["{curl"]', "tries: what stands in braces there cannot be filled in"),
    (GOOD + 'note = "see {nope}"', "note: what stands in braces there cannot be filled in"),
    (GOOD + "stage = [1]", "stage 1: it should be a table"),
    (GOOD + '[[stage]]\nname = "a"', "stage 1: title: it is missing"),
    (GOOD + '[[stage]]\nname = "a"\ntitle = "b"', "stage 1: failure: it is missing"),
    (GOOD + '[[stage]]\nname = "a"\ntitle = "b"\nfailure = "c"', "stage 1: hint: it is missing"),
    (GOOD + '[[stage]]\nmoves = "a"', "stage 1: moves: it should be true or false, not 'a'"),
    (GOOD + '[[stage]]\nname = "a"\ntitle = "b"\nsize = 3', "stage 1: size: there is no such"),
])
def test_a_broken_step_toml_is_one_line_with_file_and_field(tmp_path, text, says):
    with pytest.raises(BrokenStep) as caught:
        load(folder_of(tmp_path, _01_first=text))
    message = str(caught.value)
    assert message.startswith("steps/01_first/step.toml: ") and says in message
    assert "\n" not in message


@pytest.mark.parametrize("names, says", [
    (("_01_first", "_03_third"), "steps/03_third: it should have the number 02"),
    (("_01_first", "_01_other"), "steps/01_other: it should have the number 02"),
    (("_01_first", "_02_first"), "steps/02_first: another step has the name first"),
])
def test_the_steps_count_without_a_gap(tmp_path, names, says):
    with pytest.raises(BrokenStep, match=says):
        load(folder_of(tmp_path, **dict.fromkeys(names, GOOD)))


def test_the_command_says_it_in_one_line(tmp_path):
    shutil.copytree(steps.FOLDER, tmp_path / "steps",
                    ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "steps" / "03_routing" / "step.toml").write_text("title = []")
    done = subprocess.run([sys.executable, "-B", "-m", "steps"], cwd=tmp_path,
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "steps: steps/03_routing/step.toml: title: it should be text, not []\n"


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_the_docstring_tells_what_it_adds_and_what_is_missing(step):
    assert step.heading and step.adds.endswith(".") and step.missing.endswith(".")


@pytest.mark.parametrize("step", steps.STEPS, ids=str)
def test_what_it_proposes_to_try_is_there(step):
    for words in step.tries:
        for path in words.split():
            assert not path.startswith("steps/") or (steps.ROOT / path).is_file(), path
