"""A program is waited for by its own time: a busy machine is not its fault, and a hang is."""

import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from steps.engine import patience
from steps.engine.patience import Patience

SECOND = 1_000_000_000      # in nanoseconds, as schedstat counts


class Machine:
    """A /proc and a clock that do what a test says. The program under test is number 7."""

    def __init__(self, folder, monkeypatch, tells=True):
        self.folder, self.now, self.tells = folder, 0.0, tells
        clock = SimpleNamespace(monotonic=lambda: self.now)
        monkeypatch.setattr(patience, "PROC", folder)
        monkeypatch.setattr(patience, "time", clock)
        self.has("self", 1, ran=1)
        self.has(7, 7)

    def has(self, process, thread, ran=0, waited=0):
        """Let a thread have run, and stood in line, for so many seconds since it began."""
        if self.tells:
            place = self.folder / str(process) / "task" / str(thread)
            place.mkdir(parents=True, exist_ok=True)
            place.joinpath("schedstat").write_text(f"{ran * SECOND:.0f} {waited * SECOND:.0f} 1\n")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def test_the_time_in_which_it_stands_in_line_does_not_count(machine):
    wait = Patience(5, 7)
    machine.now = 50.0
    machine.has(7, 7, ran=1, waited=48)
    assert not wait.is_over()
    assert wait.spent == pytest.approx(2) and wait.computed == pytest.approx(1)


def test_a_wait_that_is_told_late_is_taken_off_what_was_counted(machine):
    wait = Patience(5, 7)
    machine.now = 4.0
    assert not wait.is_over() and wait.spent == pytest.approx(4)
    machine.now = 5.0
    machine.has(7, 7, waited=4.5)
    assert not wait.is_over() and wait.spent == pytest.approx(0.5)


def test_neither_does_the_time_of_those_who_ask_it(machine):
    wait = Patience(5, 7)
    machine.now = 50.0
    machine.has("self", 2, waited=48)
    assert not wait.is_over()


def test_what_sleeps_is_over_in_time_and_said_to_wait(machine):
    wait = Patience(5, 7)
    machine.now = 5.0
    assert wait.is_over()
    assert wait.tells() == "it waited for 5.0 s, and did nothing"


def test_what_computes_is_over_when_it_has_computed_so_long(machine):
    wait = Patience(5, 7)
    machine.now = 50.0
    machine.has(7, 7, ran=4.9, waited=45.1)
    assert not wait.is_over()
    machine.now = 51.0
    machine.has(7, 7, ran=5.1, waited=45.9)
    assert wait.is_over()
    assert wait.tells() == "it computed for 5.1 s"


def test_threads_that_stand_in_line_side_by_side_are_counted_once(machine):
    wait = Patience(5, 7)
    for thread in range(12):
        machine.has(7, thread, waited=2)
    machine.now = 4.0
    assert not wait.is_over() and wait.spent == pytest.approx(2)


def test_many_threads_in_line_do_not_make_it_endless(machine):
    wait = Patience(5, 7)
    for thread in range(100):
        machine.has(7, thread, waited=1000)
    machine.now = 5 * patience.FAR - 1
    assert not wait.is_over()
    machine.now += 1
    assert wait.is_over()


def test_where_the_system_does_not_tell_the_clock_counts_and_grants_more(tmp_path, monkeypatch):
    machine = Machine(tmp_path, monkeypatch, tells=False)
    monkeypatch.setattr(patience, "slowness", lambda: 3)
    wait = Patience(5, 7)
    for now, over in ((9.9, False), (10.0, False), (29.9, False), (30.0, True)):
        machine.now = now
        assert wait.is_over() == over
    assert wait.tells() == ""


def test_a_calm_machine_is_not_called_slow_beyond_reason():
    assert 1 <= patience.slowness() <= 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@pytest.mark.parametrize("code, words", [("while True: pass", "it computed"),
                                         ("import time; time.sleep(600)", "it waited")])
def test_linux_tells_what_a_program_does(code, words):
    with subprocess.Popen([sys.executable, "-S", "-c", code]) as process:
        wait = Patience(0.3, process.pid)
        while not wait.is_over():
            time.sleep(0.01)
        process.kill()
    assert wait.tells().startswith(words)
