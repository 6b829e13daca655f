"""A bug hunt: a defect hides in a copy of a step, and only the symptom is told.

  bug 7        the next bug of step 7, in my/bug_07_1/ and so on
  bug 7.3      the third one (this call does not mean the stage 7.3)
  bug --list   all of them, by difficulty; `bug --list 7`: those of step 7

`check bug 7.3` says when you have found it. Exit code 1: that bug is in my/ already.
"""

import hashlib
import os
import re

import steps
from steps.engine.command import BadInput, judge, verdict
from steps.engine.command.measure import read
from steps.engine.command.mine import BUG, FRAMEWORK, MY, put, short
from steps.engine.command.terminal import BOLD, GREEN, PYTHON, RED, paint
from tests import mutants

LEVELS = {1: "easy", 2: "medium", 3: "hard"}
NOTE = "symptom.txt"


def takes(parser):
    """Declare STEP and --list."""
    parser.add_argument("step", metavar="STEP", nargs="?", help="number or name, or 7.3")
    parser.add_argument("--list", action="store_true", help="list the bugs by difficulty")


def call(options):
    """Put a bug into my/, or list them; return 0, or 1 where that one is there already."""
    if options.list:
        return print_list(options.step)
    if not options.step:
        raise BadInput("bug takes a step, such as 7, or a bug, such as 7.3; see bug --list")
    step, number = which(options.step)
    mutant = of_step(step)[number - 1]
    folder = MY / f"bug_{step.number:02}_{number}"
    source = mutant.apply(read(step, FRAMEWORK))
    label = f"bug {step.number}.{number} ({key(mutant)})"
    written = put(folder, {FRAMEWORK: source, "demo.py": read(step, "demo.py"),
                           NOTE: f"{label}\n\n{mutant.symptom}\n"})
    again = "" if FRAMEWORK in written else " (it was there already; nothing of it was touched)"
    print(paint(f"Bug {step.number}.{number}, {LEVELS[mutant.level]}: {short(folder)}", BOLD)
          + again)
    print(f"\n  {mutant.symptom}\n")
    print(f"Find it in {short(folder / FRAMEWORK)}, mend it, and ask: "
          f"{PYTHON} -m steps check bug {step.number}.{number}")
    return 0 if FRAMEWORK in written else 1


def of_step(step):
    """Return the mutants of a step, in order; of two that are the same edit, the first."""
    found = {str(each.edits): each for each in reversed(mutants.load().values())
             if each.step == step.number}
    return list(found.values())[::-1]


def key(mutant):
    """Return a name for a mutant that does not tell what it is."""
    return hashlib.sha256(mutant.name.encode()).hexdigest()[:8]


def which(word):
    """Return (step, number) for "7" (the next one that is not in my/) or "7.3"."""
    name, dot, number = (word, "", "") if re.search(r"[/\\]", word) else word.partition(".")
    step = steps.find(name).step
    count = len(of_step(step))
    if not count:
        raise BadInput(f"step {step.number} has no bugs")
    if dot:
        if not re.fullmatch(r"\d{1,4}", number, re.A) or int(number) not in range(1, count + 1):
            raise BadInput(f"step {step.number} has bugs {step.number}.1 to {step.number}.{count}")
        return step, int(number)
    for number in range(1, count + 1):
        if not (MY / f"bug_{step.number:02}_{number}").exists():
            return step, number
    raise BadInput(f"all {count} bugs of step {step.number} are in my/ already")


def print_list(word):
    """Print the bugs by difficulty, those of one step where WORD is given; return 0."""
    chosen = steps.STEPS if word is None else [steps.find(word).step]
    for level, name in LEVELS.items():
        rows = [f"  {step.number}.{number:<3} {mutant.symptom}" for step in chosen
                for number, mutant in enumerate(of_step(step), 1) if mutant.level == level]
        if rows:
            print(paint(name, BOLD), *rows, sep="\n")
    return 0


def is_found(step, path, every=False):
    """Judge a bug folder, print whether the bug is found, and return the exit code."""
    verdict.must_have_room()
    mutant = behind(step, path)
    print(paint(f"{short(path)}, a copy of step {step.number} with a bug in it", BOLD), flush=True)
    broken = judge.examine(path.parent)
    if broken:
        return verdict.print_broken(step, path, broken)
    # Its own behaviour first: as long as that fails, there is nothing else to tell.
    own = judge.BEHAVIOURS[mutant.behaviour]
    [first] = judge.judge(path.parent, step.number, [own])
    still = first.failure and first.failure.is_named(mutant.shows)
    # Our own step has a flaw to begin with; it may show in any way but the bug's.
    if still or first.failure and not own.flaw:
        print(f"\n{paint('Still there', RED)}; this was tried just now:" if still else
              f"\nThe symptom is another one now, but {paint('not right', RED)} yet:")
        # The line is what they look for, as long as it is ours.
        verdict.print_failure(first, path, tell_line=every or not still)
        return 1
    others = [each for each in judge.wanted(step.number) if each is not own]
    results = [first, *judge.judge(path.parent, step.number, others)]
    held = sum(each.holds for each in results)
    print(f"  {held} of {len(results)} behaviours hold")
    failed = [each for each in results[1:] if each.failure]
    if failed:
        print(f"\nThe symptom is gone, but something else is {paint('broken', RED)} now:")
        for way in verdict.in_ways(failed, step.number)[:None if every else 1]:
            verdict.print_failure(way[0], path)
        return 1
    if any(each.untried for each in results):
        print(f"\n{paint('Not proved', RED)}: {len(results) - held} could not be tried, "
              f"since {next(each.untried for each in results if each.untried)}.")
        return 1
    print(f"\n{paint('Found', GREEN)}: {mutant.defect}.")
    if mutant.errata:
        numbers = ", ".join(map(str, mutant.errata))
        print(f"  The post has it too: docs/errata.md, number {numbers}")
    print(f"  The next one: {PYTHON} -m steps bug {step.number}")
    return 0


def behind(step, path):
    """Return the mutant that a bug folder holds. Raises BadInput."""
    note = path.with_name(NOTE)
    # As bytes: an editor may have saved it in another encoding.
    said = note.read_bytes().replace(b"\0", b"") if os.path.isfile(note) else b""
    found = re.search(rb"\(([0-9a-f]{8})\)", said)
    for mutant in of_step(step):
        if found and key(mutant) == found[1].decode():
            return mutant
    number = int(BUG.fullmatch(path.parent.name)[2])
    if not found and 1 <= number <= len(of_step(step)):
        return of_step(step)[number - 1]
    raise BadInput(f"which bug is in {short(path.parent)}? Its {NOTE} does not tell")
