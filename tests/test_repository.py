"""The repository as a house: its shape, its README, its pins, its workflows."""

import importlib
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest

import steps
from steps.engine.command import CALLS, Parser, site, venv

TOP = {"steps", "notebooks", "tests", "docs", "README.md", "pyproject.toml", "LICENSE",
       "CONTRIBUTING.md", *(part.file for part in venv.PARTS.values())}
GROUPS = dict(zip(("test", "lab", "docs", "all"), (part.file for part in venv.PARTS.values()),
                  strict=True))
WORKFLOWS = [*sorted((steps.ROOT / ".github" / "workflows").glob("*.yml")),
             steps.ROOT / "docs" / "classroom" / "autograding.yml"]


def read(name):
    return (steps.ROOT / name).read_text(encoding="utf-8")


def pins(name):
    """Return the (package, version) pairs of a requirement file."""
    return re.findall(r"^([\w.-]+)==([\w.]+)", read(name), re.M)


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
    assert groups.keys() == GROUPS.keys()
    for group, name in GROUPS.items():
        pinned = {f"{package}=={version}" for package, version in pins(name)}
        for wanted in groups[group]:
            assert wanted.partition(";")[0].strip() in pinned, f"{wanted} is not so in {name}"


def test_the_pins_of_all_parts_fit_together():
    found = {}
    for name in GROUPS.values():
        for package in {package for package, _ in pins(name)}:
            versions = {version for other, version in pins(name) if other == package}
            assert found.setdefault(package, versions) == versions, f"{package} in {name}"


@pytest.mark.all
def test_what_is_pinned_is_what_runs():
    from packaging.requirements import Requirement

    for name in GROUPS.values():
        for line in re.findall(r"^\w[^#\n]*", read(name), re.M):
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate():
                assert metadata.version(wanted.name) in wanted.specifier, f"{line} in {name}"


@pytest.mark.parametrize("name, parts", [("README.md", ["test", "lab"])])
def test_how_much_there_is_to_fetch_is_said_as_the_command_says_it(name, parts):
    for part in parts:
        assert f"{venv.PARTS[part].fetch} MB" in read(name)


# --- machines elsewhere

@pytest.mark.parametrize("path", [*WORKFLOWS, steps.ROOT / ".devcontainer" / "devcontainer.json"],
                         ids=lambda path: path.name)
def test_workflows_say_what_the_command_understands(path):
    lines = re.findall(r"python3? -m steps ([^\n\"&|]+)", read(path))
    assert lines or "bash .ci/run" in read(path)
    for line in lines:
        call, *words = line.split()
        assert call in CALLS
        module = importlib.import_module(f"steps.engine.command.{call}")
        parser = Parser()
        module.takes(parser)
        _, others = parser.parse_known_args(words)
        assert not others or hasattr(module, "PASSES_ON"), line


def test_workflows_know_what_stands_in_other_places():
    project = tomllib.loads(read("pyproject.toml"))
    oldest = project["project"]["requires-python"].removeprefix(">=")
    tests, newest = read(".github/workflows/tests.yml"), read(".github/workflows/newest-flask.yml")
    assert f'python: ["{oldest}", ' in tests
    assert "system: [ubuntu-latest, macos-latest, windows-latest]" in tests
    assert f"path: {site.HTML.relative_to(steps.ROOT).as_posix()}\n" in \
        read(".github/workflows/pages.yml")
    upgraded = re.search(r"-m pip install --upgrade (.*)", newest)[1].split()
    wanted = {re.match(r"[\w-]+", line)[0] for line in project["dependency-groups"]["test"]}
    assert set(upgraded) <= wanted
    lab = [f"-r ../{venv.PARTS[part].file}" for part in ("test", "lab")]
    assert read(".binder/requirements.txt").splitlines() == lab
    assert read(".binder/runtime.txt").strip() == f"python-{oldest}"
    assert f"python:{oldest}\"" in read(".devcontainer/devcontainer.json")


@pytest.mark.all
def test_workflows_fit_their_schema():
    run = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
         *WORKFLOWS], capture_output=True, text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.all
def test_ruff_finds_nothing():
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."], cwd=steps.ROOT,
        capture_output=True, text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
