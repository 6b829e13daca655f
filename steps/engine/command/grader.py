"""Judges the work of one learner and prints what comes of it, a line of JSON for each step.

    python3 -m steps.engine.command.grader FOLDER THROUGH < A_LINE

`grade` starts it, in a copy of the course that is made for this one learner. The learner's
code runs as its children, within limits, each time from a fresh copy; when a step is done,
whatever it has left running is ended. Each row repeats the line from stdin, which they do not
get to read: a row that does not is none of ours.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path

import steps
from steps.engine.command import judge, reaper
from steps.engine.command.terminal import printable
from steps.engine.limits import Limits, hold_memory
from steps.engine.scratch import scratch

LIMITS = Limits(seconds=30, memory=1 << 30, file=8 << 20, processes=100)
MOST_FILES, MOST_BYTES = 20, 1_000_000


def places(folder, through):
    """Return {number of a step: the folder with its ownflask.py}, up to step THROUGH.

    A learner hands in folders named like the steps, or my/ with those in it.
    """
    found, own = {}, folder.resolve()
    for step in steps.STEPS[:through]:
        for place in (folder / str(step), folder / "my" / str(step)):
            # A link to somebody else's work is none of theirs.
            if os.path.lexists(place / "ownflask.py") and own in place.resolve().parents:
                found.setdefault(step.number, place)
    return found


def copy(place, to):
    """Copy the Python files of a folder, no links; return what is wrong with them, or None."""
    try:
        return copy_files(place, to)
    except OSError as error:
        return f"ownflask.py cannot be read: {error.strerror}"


def copy_files(place, to):
    """Copy them, and return what is wrong with them, or None. Raises OSError."""
    total = 0
    files = sorted(place.glob("*.py"))
    if len(files) > MOST_FILES:
        return f"more than {MOST_FILES} files"
    for path in files:
        if path.is_symlink() or not path.is_file():
            if path.name == "ownflask.py":
                return "ownflask.py is a link, or no file at all"
            continue
        total += path.stat().st_size
        if total > MOST_BYTES:
            return f"its files have more than {MOST_BYTES:,} bytes"
        shutil.copyfile(path, to / path.name)
    return None


def grade(place, number):
    """Judge one step; return a dict, the row of the table.

    points, of: how many behaviours hold, of how many. broken: why it cannot be tried at all,
    else None. failed: [sentence, came back] of those that do not hold, in order. seconds: float.
    """
    started = time.monotonic()
    all_of_them = judge.wanted(number)
    results, broken = [], None
    with scratch("graded-") as folder:
        broken = copy(place, folder) or judge.examine(folder, LIMITS)
        if not broken:
            results = list(judge.judge(folder, number, all_of_them, LIMITS))
    reaper.sweep()
    return {
        "step": number,
        "points": sum(each.holds for each in results),
        "of": len(all_of_them),
        "broken": printable(str(broken)) if broken else None,
        "failed": [[each.behaviour.sentence, told(each)] for each in results if not each.holds],
        "seconds": round(time.monotonic() - started, 1),
    }


def told(result):
    """Return what came back, in one line."""
    if not result.tried:
        return f"not tried: {result.untried}"
    return printable(result.failure.got)[:300]


def main(folder, through, secret):
    """Print a row for each step that the learner has handed in."""
    reaper.adopt()
    hold_memory(LIMITS.memory)      # an answer without an end shall not eat up the machine
    for number, place in places(Path(folder), through).items():
        print(json.dumps({"secret": secret, **grade(place, number)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.stdin.readline().strip())
