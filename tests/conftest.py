"""Fixtures of the suite, and the tables that it prints at its end."""

import os
import shutil
import signal
import statistics
import sys
import time
from collections import Counter

import pytest

import steps
from steps.engine.command import site
from steps.engine.command.measure import changes
from tests import warm
from tests.behaviours import Bench
from tests.course import PATIENCE, copy_to, waits

STARTED = time.monotonic()
spent = Counter()       # what this process, or as xdist has it all its workers, has used

ROW = "{:<32}{:>6}{:>7}{:>9}{:>7}{:>6}{:>9}"


def pytest_addoption(parser):
    """Take --requests."""
    parser.addoption("--requests", type=int, metavar="N",
                     help="how many requests ownflask and Flask are compared by")


def pytest_configure():
    """Let Ctrl-C reach our children: a shell that starts a job in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    steps.Server.popen = staticmethod(warm.popen)
    sys.addaudithook(count_starts)


@pytest.fixture(scope="session")
def bench():
    """A function (framework, number, expected) -> Bench; the servers live as long as the session.

    framework is a step's or stage's number, a folder or "flask"; number is the step whose app
    it gets; expected is the failure that is to come, if one is.
    """
    benches = {}

    def get(framework, number, expected=None):
        if isinstance(framework, (int, str)) and framework != steps.FLASK:
            framework = steps.find(framework).folder
        key = framework, number, waits(expected)
        if key not in benches:
            benches[key] = Bench(framework, number, *waits(expected))
        return benches[key]

    yield get
    for each in benches.values():
        each.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A copy of the course that nobody changes."""
    return copy_to(tmp_path_factory.mktemp("template") / "course")


@pytest.fixture
def course(template, tmp_path):
    """A copy of the course, for tests that change files."""
    return shutil.copytree(template, tmp_path / "a course")


@pytest.fixture(scope="session")
def built_site(tmp_path_factory):
    """The folder with the site, built once in a run: another worker of xdist waits for it."""
    done = tmp_path_factory.getbasetemp() / "site is built"
    if "PYTEST_XDIST_WORKER" in os.environ:
        done = done.parent.with_name(done.name)
    try:
        done.with_name("site is being built").mkdir()
    except FileExistsError:
        give_up = time.monotonic() + 10 * PATIENCE
        while not done.exists() and time.monotonic() < give_up:
            time.sleep(0.1)
        assert done.read_text() == "", done.read_text()
        return site.HTML
    said = "the site cannot be built"
    try:
        shutil.rmtree(site.HTML.parent, ignore_errors=True)
        site.build(sys.executable)
        said = ""
    finally:
        done.write_text(said)
    return site.HTML


# --- what a run costs

def count_starts(event, arguments):
    """Count, as an audit hook, how often a process of the tests starts a Python."""
    if event == "subprocess.Popen" and arguments[0] == sys.executable:
        spent["starts"] += 1


def pytest_sessionfinish(session):
    """Add up what this process has used; tell it to the one that prints, if that is another."""
    warm.pythons.end()
    times = os.times()
    spent["cpu"] += times.user + times.system
    if not spent["workers"]:        # their children are in what they tell
        spent["cpu"] += times.children_user + times.children_system
    spent["forks"] += warm.pythons.forks
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["spent"] = dict(spent)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Add what a worker of xdist has used."""
    spent.update(getattr(node, "workeroutput", {}).get("spent", {}), workers=1)


def pytest_terminal_summary(terminalreporter):
    """Print the size of the stages, what the tests measured by record_property, and the cost."""
    reports = [report for group in terminalreporter.stats.values() for report in group
               if isinstance(report, pytest.TestReport)]
    if any("test_a_stage_changes_few_lines" in report.nodeid for report in reports):
        terminalreporter.section("changed lines of code")
        try:
            terminalreporter.write_line(table())
        except SyntaxError as error:
            terminalreporter.write_line(f"not counted: {error}")
    measured = [value for report in reports if report.when == "call"
                for name, value in report.user_properties if name == "measured"]
    if measured:
        terminalreporter.section("measured")
        terminalreporter.write_line("\n".join(measured))
    terminalreporter.section("cost")
    terminalreporter.write_line(
        f"{spent['cpu']:.1f} s of CPU, with all children that have ended; "
        f"{time.monotonic() - STARTED:.1f} s on the clock\n"
        f"{len({report.nodeid for report in reports})} tests; they started Python "
        f"{spent['starts']} times, and forked {spent['forks']} programs from one that was warm"
    )


def table():
    """Return the table of the steps and their stages, with the stages' median, as text."""
    rows = [ROW.format("stage", "size", "added", "removed", "moved", "demo", "changed")]
    by_stage = changes(steps.STAGES)
    for step, files in changes().items():
        for stage in step.stages:
            rows.append(row(f"{stage.number} {stage.name}", by_stage[stage]))
        rows.append(row(str(step), files))
    totals = [total(files) for files in by_stage.values()]
    rows.append(f"{f'median of the {len(totals)} stages':<67}{statistics.median(totals):>9g}")
    return "\n".join(rows)


def row(name, files):
    """Return a row of the table: {name of a file: Change} of the step or stage NAME."""
    framework, demo = files["ownflask.py"], files["demo.py"]
    return ROW.format(name, framework.size, framework.added, framework.removed, framework.moved,
                      demo.total, total(files))


def total(files):
    """Return how many lines changed in all files together."""
    return sum(change.total for change in files.values())
