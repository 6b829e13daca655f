"""The order of the chapters, and of the sections within each."""

import re

import steps

DOCS = steps.ROOT / "docs"
BEFORE, AFTER = ("Where we are",), (
    "The whole diff", "In real Flask", "What still breaks", "Exercises",
)
FIRST = "00_before_you_start"
BESIDES = ("flask_map", "errata", "matrix", "teaching")     # the pages after the chapters


def chapter(step):
    """Return the path of a step's chapter."""
    return DOCS / f"{steps.find(step)}.md"


def title(name):
    """Return the heading of the page of that name, or of a step's chapter."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def in_order():
    """Return the names of the pages, without ".md", in the order in which they are read."""
    return [FIRST, *map(str, steps.STEPS), *BESIDES]


def stages(step):
    """Return the stages that a step's chapter tells; a step without any is its own."""
    step = steps.find(step)
    return step.stages or (step,)


def sections(step):
    """Return the headings of a step's chapter, in order: one for each stage between others."""
    return [*BEFORE, *map(heading, stages(step)), *AFTER]


def heading(stage):
    """Return the heading of a stage's section; a title that begins with code stays as it is."""
    word = stage.title.split()[0]
    title = stage.title if "(" in word or "_" in word else stage.title[0].upper() + stage.title[1:]
    return f"{stage.number} {title}"


def faults():
    """Return what is wrong with the chapters' sections, as lines "file:line: what"."""
    found = []
    for step in steps.STEPS:
        path = chapter(step)
        name = f"docs/{path.name}"
        if not path.exists():
            found.append(f"{name}:1: step {step.number} has no chapter")
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        headings = [(number, line[3:]) for number, line in headlines(lines)]
        for wanted, (number, heading) in zip(sections(step), headings, strict=False):
            if heading != wanted:
                found.append(f'{name}:{number}: the section "{wanted}" should stand here, '
                             f'not "{heading}"')
                break
        else:
            for missing in sections(step)[len(headings):]:
                found.append(f'{name}:{len(lines)}: the section "{missing}" is missing')
            for number, heading in headings[len(sections(step)):]:
                found.append(f'{name}:{number}: no chapter has a section "{heading}"')
    return found


def headlines(lines):
    """Yield (number, line) of the second-level headings, those inside code blocks left out."""
    inside = False
    for number, line in enumerate(lines, 1):
        inside ^= bool(re.match("```", line))
        if not inside and line.startswith("## "):
            yield number, line
