"""`prompt`: Python's own prompt, at which a step's files can be imported."""

import subprocess
import sys

import pytest

import steps


@pytest.mark.parametrize("words, answer", [
    (["3"], ">>> True\n"), (["3", "--on", "2"], ">>> False\n"), (["3.1"], ">>> False\n"),
    (["4.1", "--on", "3.2"], ">>> True\n"),
])
def test_the_files_are_those_of_the_step(words, answer):
    done = subprocess.run(
        [sys.executable, "-B", "-m", "steps", "prompt", *words], cwd=steps.ROOT, text=True,
        input="import demo, ownflask\nhasattr(ownflask, 'routes')\nexit()\n",
        capture_output=True,
    )
    assert done.returncode == 0
    assert answer in done.stdout
