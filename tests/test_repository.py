"""The repository as a house: its shape, its README, its pins, its workflows."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

import steps
from steps.engine.command import CALLS

TOP = {"steps", "notebooks", "tests", "docs", "README.md", "pyproject.toml", "LICENSE",
       "CONTRIBUTING.md", "requirements.txt", "requirements-docs.txt", "requirements-all.txt"}
PINS = (("learn", "requirements.txt"), ("docs", "requirements-docs.txt"),
        ("all", "requirements-all.txt"))
WORKFLOWS = [*sorted((steps.ROOT / ".github" / "workflows").glob("*.yml")),
             steps.ROOT / "docs" / "classroom" / "autograding.yml"]


def read(name):
    return (steps.ROOT / name).read_text(encoding="utf-8")


def tracked():
    """Return the paths of all files that git tracks, or skip where this is no checkout."""
    try:
        done = subprocess.run(
            ["git", "ls-files"], cwd=steps.ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git checkout")
    return done.stdout.splitlines()


def test_nothing_else_stands_at_the_top():
    top = {path.partition("/")[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_the_pages_name_exists(name):
    text = read(name)
    for path in re.findall(r"\]\((?!http)([^)#]+)", text) + re.findall(r"`(tests/[^`]+)`", text):
        assert (steps.ROOT / path).exists(), f"{name} names {path}"
    for call, number in re.findall(r"-m steps (\w+)(?: (\d+))?", text):
        assert call in CALLS, f"{name} names the call {call}"
        assert number == "" or steps.find(number)


def test_ci_runs_the_test_command_of_the_readme():
    commands = re.findall(r"^python3 -m steps test$", read("README.md"), re.M)
    assert commands and f"exec {commands[0]} --all" in read(".ci/run")
    if os.name == "posix":
        assert os.access(steps.ROOT / ".ci" / "run", os.X_OK)


def test_what_we_ask_for_is_pinned_as_we_ask_for_it():
    groups = tomllib.loads(read("pyproject.toml"))["dependency-groups"]
    for group, name in PINS:
        pinned = re.findall(r"^[\w.-]+==[\w.]+", read(name), re.M)
        for wanted in groups[group]:
            assert wanted.partition(";")[0].strip() in pinned, f"{wanted} is not so in {name}"


@pytest.mark.all
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_fit_their_schema(path):
    run = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
         path], capture_output=True, text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.all
def test_ruff_finds_nothing():
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."], cwd=steps.ROOT,
        capture_output=True, text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
