"""Judges the work of one learner and prints what comes of it, a line of JSON for each step.

    python3 -m steps.engine.command.grader [WAY ...] < A_LINE

`grade` starts it, in a cell where the system has any: then WAY says how that was begun, see
cell.py. The line is JSON: pairs of the number of a step and {file name: text, in latin-1}.
When stdin ends, so does it. The learner's code runs as its children, within limits, each time
from a fresh copy.
"""

import json
import os
import signal
import sys
import threading
import time

from steps.engine.command import cell, judge
from steps.engine.limits import Limits
from steps.engine.scratch import scratch

LIMITS = Limits(seconds=30, memory=1 << 30, file=8 << 20, processes=100)
FULL = "No space left on device"


def grade(number, files):
    """Judge one step; return a dict, which `grade` makes a row of its table.

    broken: why it cannot be tried at all, else None. failed: [sentence, came back] of the
    behaviours that do not hold. cut: why some were not tried to the end, else None.
    seconds: float.
    """
    started, results = time.monotonic(), []
    with scratch("graded-") as folder:
        for name, text in files.items():
            (folder / name).write_bytes(text.encode("latin-1"))
        broken = judge.examine(folder, LIMITS)
        if not broken:
            results = list(judge.judge(folder, number, judge.wanted(number), LIMITS))
    failed = [[each.behaviour.sentence, told(each)] for each in results if not each.holds]
    short = [each.untried for each in results if each.untried in (judge.LATE, judge.SHORT)]
    # In a cell it is their own room that is full.
    full = os.getpid() != 1 and any(FULL in got for _, got in failed)
    return {
        "step": number,
        "broken": str(broken) if broken else None,
        "failed": failed,
        "cut": short[0] if short else FULL if full else None,
        "seconds": time.monotonic() - started,
    }


def told(result):
    """Return what came back, in one line."""
    return result.failure.got[:300] if result.tried else f"not tried: {result.untried}"


def end_with_stdin():
    """End this process when whoever started it is gone."""
    os.read(0, 1)
    if os.getpid() != 1:        # in no cell, which would end with it
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(3)
    os._exit(1)


def main(*way):
    """Print a row for each step that the learner has handed in."""
    if way:
        cell.move_in(*way)
    else:
        signal.signal(signal.SIGTERM, signal.default_int_handler)   # end what was started first
    works = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_stdin, daemon=True).start()
    for number, files in works:
        print(json.dumps(grade(number, files)), flush=True)
        if way:
            cell.sweep()
