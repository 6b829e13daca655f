"""What is promised as a measured number: printed at the end of the run, never a reason to fail."""

import http.client
import statistics
import subprocess
import sys
import time

import pytest

import steps
from steps.engine.server import free_port
from tests.course import PATIENCE

ROUNDS = 7


@pytest.mark.all
def test_first_answer(record_property):
    commands = {
        "python3 -m steps run 9": ["-m", "steps", "run", "9", "--port"],
        "python3 -m http.server": ["-m", "http.server", "--bind", "127.0.0.1"],
    }
    seconds = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, words in commands.items():        # in turn: both meet the same machine
            seconds[name].append(first_answer(words))
    ours, theirs = (statistics.median(times) for times in seconds.values())
    record_property("measured", f"first answer, median of {ROUNDS}, in turn: " + ", ".join(
        f"{name} {statistics.median(times) * 1000:.0f} ms" for name, times in seconds.items()
    ) + f"; ratio {ours / theirs:.2f}")


def first_answer(words):
    """Return the seconds from the start of `python3 WORDS PORT` to its first HTTP answer."""
    port = free_port()
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *words, str(port)], cwd=steps.ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while time.perf_counter() < started + PATIENCE:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                try:
                    connection.request("GET", "/")
                    connection.getresponse()
                    return time.perf_counter() - started
                except ConnectionError:
                    time.sleep(0.001)
                finally:
                    connection.close()
            raise AssertionError(f"no answer for {PATIENCE:g} s, far beyond any slow machine")
        finally:
            process.terminate()
