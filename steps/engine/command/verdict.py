"""Telling a verdict: what a file can do, and the first thing that it cannot.

`check` and `watch` tell all of it; `bug` has a story of its own and tells the failures in the
same words.
"""

import itertools
import re
import shutil
import tempfile
import tokenize

import steps
from steps.engine.command import Trouble, advice, judge
from steps.engine.command.mine import MY, short
from steps.engine.command.terminal import BOLD, GREEN, PYTHON, RED, paint, visible
from tests.behaviours.kit import Blocked, NoServer, last_error

WIDE = 240          # letters of what was asked, came back, or was expected
ROOM = 1_000_000    # bytes that trying a file takes, at most, unless it prints a great deal
FEW = 3             # of an earlier step's that fail, so many are told one by one
ERROR = re.compile(r"\b\w*(?:Error|Exception|Exit|Interrupt)\b")


def tell(step, path, exercise=None, every=False, changed=lambda: False):
    """Judge a file as a step or stage, print what came of it, and return the exit code.

    exercise: one that it is held to on top, or None. every: print each behaviour and failure.
    changed: says whether the file is another one by now, so that the rest need not be told.
    """
    must_have_room()
    what = "step" if step is step.step else "stage"
    print(paint(f"{short(path)}, held to {what} {step.number}, {step.name}", BOLD), flush=True)
    broken = judge.examine(path.parent)
    if broken:
        return print_broken(step, path, broken)
    ended = exercise.ends if exercise else ()
    behaviours = [each for each in judge.wanted(step) if each.name not in ended]
    own = exercise.behaviours if exercise else ()
    wide = max(24, *(len(group_of(each, step, exercise)) for each in behaviours))
    results = []
    tried = itertools.takewhile(lambda each: not changed(),
                                judge.judge(path.parent, step, [*behaviours, *own]))
    for title, group in itertools.groupby(
            tried, lambda each: f"exercise {exercise.name}" if each.behaviour in own
            else group_of(each.behaviour, step, exercise)):
        group = list(group)
        # Told one by one is what fails first, of what is new and of what was there before.
        old = is_old(group[0], step)
        first = not any(each.failure for each in results if is_old(each, step) == old)
        if changed():
            break
        results += group
        print_group(title, wide, group, every, first or group[0].behaviour in own, old)
    if changed():
        print("  (It was saved again meanwhile.)", flush=True)
        return 1
    code = print_failures(step, path, results, own, every)
    if not code:
        print_well_done(step, path, exercise)
    print_slips(path)
    return code


def must_have_room():
    """Raise Trouble where the disk is full, and a file would fail that may be right."""
    place = tempfile.gettempdir()
    if shutil.disk_usage(place).free < ROOM:
        raise Trouble(f"the disk is full: your file is tried in {place}, and there is no room. "
                      "Make some, then check again")


def print_broken(step, path, broken):
    """Print why a file cannot be tried, with the line, and return 1."""
    print(f"\n{paint('It cannot be tried yet', RED)}: {visible(broken.sentence)}")
    print_line(path, broken.line)
    print_advice(broken.sentence)
    print(f"\nMend that, then again: {PYTHON} -m steps check {step.number} {short(path)}")
    return 1


def group_of(behaviour, step, exercise=None):
    """Return what a behaviour is told below: a stage of the step in question, or an older step."""
    since = steps.STEPS[behaviour.since - 1]
    if since is step.step and not exercise:
        since = beginning(behaviour)
    return f"{since.number} {since.name}"


def beginning(behaviour):
    """Return the stage with which a behaviour begins; its step, where that has no stages."""
    step = steps.STEPS[behaviour.since - 1]
    return step.stages[behaviour.begins[1] - 1] if step.stages else step


def print_stage(stage):
    """Print what a stage is about: its idea, and what is seen before it."""
    if isinstance(stage, steps.Stage):
        print(f"\n{paint(f'{stage.number} {stage.name}', BOLD)}: {stage.title}\n  {stage.failure}")
        if stage.moves:
            print("  (It only moves code: `check` has nothing new to try.)")


def is_old(result, step):
    """Say whether a Result is of a behaviour that an earlier step began with."""
    return result.behaviour.since < step.step.number


def print_group(title, wide, results, every, first, old):
    """Print how the behaviours of one step or stage ended: a line, or one each.

    wide: letters that the longest title has. every: always one each. first: where one fails,
    one each; of an old step's, the first few that fail.
    """
    held = sum(each.holds for each in results)
    tried = sum(each.untried != judge.NOT_HERE for each in results)
    mark = paint("ok", GREEN) if held == tried else paint("--", RED)
    print(f"  {mark}  {title:<{wide}} {held:>2} of {len(results)}", flush=True)
    if not every and (held == tried or not first):
        return
    failed = [each for each in results if not each.holds]
    shown = failed[:FEW] if old and not every else results
    for each in shown:
        mark = paint("ok", GREEN) if each.holds else paint("--", RED) if each.tried else "  "
        note = "" if each.tried else f"  ({each.untried})"
        print(f"        {mark}  {each.behaviour.sentence}{note}", flush=True)
    if old and len(failed) > len(shown):
        print(f"            and {len(failed) - len(shown)} more", flush=True)


def print_failures(step, path, results, own, every):
    """Print what does not hold and what to do about it; return 0 where all of it holds."""
    ways = in_ways([each for each in results if each.failure], step.step.number)
    late = [each for each in results if each.untried not in (None, judge.NOT_HERE)]
    for way in ways if every else ways[:1]:
        many = f" ({len(way)} fail in this way)" if len(way) > 1 else ""
        print(f"\n{paint('Not yet', RED)}: {way[0].behaviour.sentence}{many}")
        print_failure(way[0], path)
        if every and len(way) > 1:
            print_block("the same:", [each.behaviour.sentence for each in way[1:]])
    if ways:
        print_next(step, path, ways, own, every)
    if late:
        why = {judge.HUNG: "so many hang that these were not tried",
               judge.SHORT: f"{judge.SHORT}, so close other programs and try again",
               judge.LATE: "your file computes for long, and the time was up"}[late[0].untried]
        print(f"\n{paint('Not proved', RED)}: {len(late)} of {len(results)}; {why}.")
    if ways or late:
        return 1
    not_here = sum(each.untried is not None for each in results)
    if not_here:
        print(f"\n({not_here} cannot be tried on this system.)")
    print(f"\n{paint('All of it holds.', GREEN)}")
    return 0


def in_ways(failed, number):
    """Return the failed Results in groups that look like one cause each, in order.

    The first group is the one in which step NUMBER's own first behaviour fails, and begins with
    that: what is new is what they work at. (But where there is no server, that is what to say.)
    """
    ways = {}
    for each in failed:
        ways.setdefault(way_of(each), []).append(each)
    first = next((each for each in failed if each.behaviour.since == number), None)
    for way in ways.values():
        if first in way and not isinstance(way[0].failure, NoServer):
            way.sort(key=lambda each: each is not first)
    return sorted(ways.values(), key=lambda way: first not in way)


def way_of(result):
    """Return what two failures from one cause have in common."""
    failure, got = result.failure, result.failure.got
    errors = [error for error in ERROR.findall(got) if error != "AssertionError"]
    if errors:
        what = errors[-1]
    elif isinstance(failure, (Blocked, NoServer)):
        what = re.sub(r"\d+", "", re.split("[:,]", got)[0])
    elif got[:3].isdigit() and not got.startswith("2"):
        what = got[:3]      # the status
    elif failure.differs and not {"text", "JSON"} & set(failure.differs):
        what = failure.differs
    else:
        what = got
    return type(failure), result.line, what


def print_failure(result, path, tell_line=True):
    """Print what was asked, what came back, what was expected, and where it went wrong."""
    failure = result.failure
    print(f"  asked:      {in_a_line(failure.asked)}")
    print(f"  came back:  {in_a_line(failure.got)}")
    print(f"  expected:   {in_a_line(failure.expected)}")
    if failure.program:
        print_block("the program:", failure.program.splitlines())
    if tell_line:
        print_line(path, result.line)
        print_advice(failure.got)


def print_block(title, lines):
    """Print lines below a title."""
    print(f"  {title}", *(f"      {line}" for line in lines), sep="\n")


def print_line(path, number):
    """Print a line of their file, where its number is known."""
    if number:
        print(f"  your line:  {short(path)}:{number}  {line_of(path, number)}".rstrip())


def print_advice(text):
    """Print what to do about a failure that reads like TEXT, where that is known."""
    sentence = advice.about(text)
    if sentence:
        print(f"  to do:      {sentence}")


def print_next(step, path, ways, own, every):
    """Print what to read and to type next."""
    first = ways[0][0].behaviour
    if first in own:
        print(f"  the task:   {PYTHON} -m steps check {step.number} --exercise")
    else:
        there = beginning(first)
        # At a stage, what failed may have held before: then it is the stage that broke it.
        at = step if step is not step.step else there
        here = f", {at.number} {at.name}" if at.step is step.step else ""
        other = "" if at is there else f" (or {there.number}, where what failed is from)"
        if there.step is not step.step:
            here += f"; what failed is from docs/{there.step}.md, {there.number} {there.name}"
        print(f"  to read:    docs/{step.step}.md{here}")
        print(f"  a hint:     {PYTHON} -m steps hint {at.number}{other}")
    more = sum(map(len, ways[1:]))
    if more and not every:
        others = "in another way" if len(ways) == 2 else f"in {len(ways) - 1} other ways"
        print(f"\n{more} more {'does' if more == 1 else 'do'} not hold, {others}: "
              f"{PYTHON} -m steps check {step.number} {short(path)} --all")


def print_well_done(step, path, exercise):
    """Print where to go on."""
    if step is not step.step and not step.last:
        after = step.step.stages[step.place]
        print(f"  Yours beside ours:  {PYTHON} -m steps check {step.number} {short(path)} "
              f"--compare\n  The next stage:     {PYTHON} -m steps check {after.number}")
        print_stage(after)
        return
    step = step.step
    number = step.number
    if not exercise:
        print(f"  Yours beside ours:  {PYTHON} -m steps check {number} {short(path)} --compare")
        print(f"  Further exercises:  {PYTHON} -m steps check {number} --exercise")
    if number < steps.STEPS[-1].number:
        mine = f", or with your own file: ... start {number + 1} --mine"
        print(f"  The next step:      {PYTHON} -m steps start {number + 1}"
              f"{mine if path.parent == MY / str(step) else ''}")


def print_slips(path):
    """Print what looks wrong in the demo.py beside a file; the verdict does not hang on it."""
    demo = path.with_name("demo.py")
    for line, sentence in advice.slips(demo, path):
        print(f"\nIn {short(demo)}:{line}  {line_of(demo, line)}\n  to do:      {sentence}")


def line_of(path, number):
    """Return the text of a line of a Python file, "" where there is none."""
    lines = text_of(path).split("\n")
    return visible(lines[number - 1].strip(" \t"))[:80] if 0 < number <= len(lines) else ""


def text_of(path):
    """Return the text of a Python file as Python reads it, its lines ended by \\n; "" for none."""
    try:
        with open(path, "rb") as file:
            encoding = tokenize.detect_encoding(file.readline)[0]
        with open(path, encoding=encoding, errors="replace") as file:
            return file.read()
    except (SyntaxError, LookupError, ValueError):      # such as a cookie that is not so
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def in_a_line(text):
    """Return a text in one line that fits into three, of a traceback its last line."""
    before, traceback, after = text.partition("Traceback (most recent call last):")
    text = visible(before + (last_error(traceback + after) or traceback + after))
    return text if len(text) < WIDE else f"{text[:WIDE - 10]} ..."
