"""Fixtures of the suite, and the tables that it prints at its end."""

import signal
import statistics

import pytest

import steps
from steps.engine.command.measure import changes
from tests.behaviours import Bench
from tests.course import copy_to


def pytest_configure():
    """Let Ctrl-C reach our children: a shell that starts a job in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def bench():
    """A function (framework, number) -> Bench; the servers live as long as the session.

    framework is a step's number, a folder or "flask"; number is the step whose app it gets.
    """
    benches = {}

    def get(framework, number):
        key = framework, number
        if key not in benches:
            if isinstance(framework, int):
                framework = steps.find(framework).folder
            benches[key] = Bench(framework, number)
        return benches[key]

    yield get
    for each in benches.values():
        each.close()


@pytest.fixture
def course(tmp_path):
    """A copy of the course, for tests that change files."""
    return copy_to(tmp_path / "a course")


def pytest_terminal_summary(terminalreporter):
    """Print the size of the steps, and what the tests measured by record_property."""
    reports = [report for group in terminalreporter.stats.values() for report in group
               if isinstance(report, pytest.TestReport)]
    if any("test_a_step_changes_few_lines" in report.nodeid for report in reports):
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


def table():
    """Return the table of added and removed lines of code, with its median, as text."""
    rows = [f"{'step':<18}{'size':>6}{'added':>7}{'removed':>9}{'demo':>6}{'changed':>9}"]
    totals = []
    for step, files in changes().items():
        framework, demo = files["ownflask.py"], files["demo.py"]
        totals.append(sum(change.total for change in files.values()))
        rows.append(f"{step!s:<18}{framework.size:>6}{framework.added:>7}{framework.removed:>9}"
                    f"{demo.total:>6}{totals[-1]:>9}")
    rows.append(f"{'median':<46}{statistics.median(totals):>9g}")
    return "\n".join(rows)
