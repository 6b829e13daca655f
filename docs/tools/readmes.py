"""The README.md of each step's folder, which GitHub shows there.

python3 -m docs.tools.readmes writes them; with --check it says which are stale.
"""

import ast
import sys

import steps
from docs.tools.markdown import plain
from steps.engine.scratch import replace

NAME = "README.md"


def text(step):
    """Return what the README.md of a step says. Raises BrokenStep."""
    run = f"python3 -m steps run {step.number}"
    tries = [words.format(curl="curl", python="python3", url="http://127.0.0.1:8000")
             for words in step.tries]
    before = steps.before(step)
    after = steps.STEPS[step.number:step.number + 1]
    lines = [
        f"# Step {step.number}: {plain(step.heading)}",
        "",
        f"**New:** {plain(step.adds)}",
        "",
        f"**Still missing:** {plain(step.missing)}",
        "",
        "To run it, type this in the course's folder, and stop it with Ctrl-C:",
        "",
        *block([run]),
        *(["While it runs, try in another terminal:", "", *block(tries)] if tries else []),
        f"- The story: [chapter](../../docs/{step}.md)",
        f"- What it changed: [diff](../../docs/{step}.md#the-whole-diff), "
        f"or `python3 -m steps diff {step.number}`",
        f"- To play with it: [lab](../../notebooks/{step}.ipynb), "
        f"or `python3 -m steps lab {step.number}`",
        *([f"- The step before: [{before}](../{before})"] if before else []),
        *[f"- The next step: [{each}](../{each})" for each in after],
        "",
        *stages(step),
        "Its files:",
        "",
        *[f"- [{path.name}]({path.name}): {plain(told(path))}" for path in files(step)],
        "",
    ]
    return "\n".join(lines)


def stages(step):
    """Return the lines of the table of a step's stages, and a blank one."""
    if not step.stages:
        return []
    rows = [f"| [{stage.number} {plain(stage.name)}]"
            f"({stage.path('ownflask.py').relative_to(step.folder).as_posix()}) "
            f"| {plain(stage.title)} |" for stage in step.stages]
    return ["It grows in stages:", "", "| stage | what is new |", "|---|---|", *rows, ""]


def block(commands):
    """Return the lines of a block of commands, and a blank one."""
    return ["```", *commands, "```", ""]


def files(step):
    """Return the paths of a step's Python files, those of the snapshot first."""
    first = [step.folder / name for name in step.files]
    return first + [path for path in sorted(step.folder.glob("*.py")) if path not in first]


def told(path):
    """Return what a file is, in a few words."""
    if path.name == "ownflask.py":
        return "the framework"
    if path.name == "demo.py":
        return "an app that uses it"
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def stale():
    """Return the Steps whose README.md is missing or says something else."""
    def is_there(step):
        path = step.folder / NAME
        return path.is_file() and path.read_text(encoding="utf-8") == text(step)

    return [step for step in steps.STEPS if not is_there(step)]


def write():
    """Write those that are stale."""
    for step in stale():
        replace(step.folder / NAME, text(step))


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        for step in stale():
            print(f"steps/{step}/{NAME} is stale: python3 -m steps refresh")
        sys.exit(1 if stale() else 0)
    write()
