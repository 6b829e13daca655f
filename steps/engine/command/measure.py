"""How large a step is, and how much it changed: lines of code, counted one way everywhere."""

import ast
import difflib
from collections import Counter
from dataclasses import dataclass

from steps import STEPS, before


@dataclass(frozen=True)
class Change:
    """added, removed: lines of code against the step before. size: lines of code it has.

    moved: how many of those added are among those removed, indented otherwise perhaps.
    """

    added: int
    removed: int
    moved: int
    size: int

    @property
    def total(self):
        """Lines that changed, one that only moved counted once."""
        return self.added + self.removed - self.moved


def code_lines(source, path="<source>"):
    """Return the lines of a Python source without docstrings, comments and blank lines.

    Raises SyntaxError, which names PATH.
    """
    skipped = set()
    for node in ast.walk(ast.parse(source, str(path))):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            if ast.get_docstring(node) is not None:
                skipped.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return [
        line
        for number, line in enumerate(source.split("\n"), 1)
        if number not in skipped and line.strip() and not line.strip().startswith("#")
    ]


def read(step, name):
    """Return the text of a step's file; "" where the step (None: no step) has no such file."""
    path = step.path(name) if step else None
    return path.read_text(encoding="utf-8") if path and path.exists() else ""


def change(step, name):
    """Return the Change that a step or stage made to the file of that name."""
    old, new = (
        code_lines(read(each, name), f"{each}/{name}") for each in (before(step), step)
    )
    lines = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
    added, removed = (
        Counter(line[1:].strip() for line in lines if line[0] == sign) for sign in "+-"
    )
    return Change(added.total(), removed.total(), (added & removed).total(), len(new))


def changes(of=STEPS):
    """Return {step: {name of a file: Change}} for all steps, or for the STAGES."""
    return {step: {name: change(step, name) for name in step.files} for step in of}
