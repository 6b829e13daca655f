"""A stage's change as a chapter shows it, and how a reader makes it.

The change is a diff with two lines around, more where two would fit in several places. Above
each piece stands, between two @@, where in the file it is. The docstring at the top of a file
is each stage's own and is left out.
"""

import ast
import re

import steps
from steps.engine.command.diff import Matcher
from steps.engine.command.measure import read

DOCSTRING = re.compile(r'\A""".*?"""\n+', re.S)
AROUND = 2
TOP = "top of the file"


class DoesNotFit(Exception):
    """A shown change cannot be made in the file as the changes before left it."""


def code(step, name):
    """Return a file's text without the docstring at its top, "" where there is no file."""
    return DOCSTRING.sub("", read(step, name))


def scopes(source):
    """Return, for each line of a source, the name of what it is in: "Flask.run", or TOP."""
    names = [TOP] * (len(source.splitlines()) + 1)

    def walk(node, outer):
        for child in ast.iter_child_nodes(node):
            inner = outer
            if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                inner = [*outer, child.name]
                names[first - 1:child.end_lineno] = \
                    [".".join(inner)] * (child.end_lineno - first + 1)
            walk(child, inner)

    walk(ast.parse(source), [])
    return names


def pieces(step, name):
    """Return the change of a step or stage to a file, as a list of (where, lines of a diff)."""
    old, new = code(steps.before(step), name), code(step, name)
    around = AROUND
    while True:
        found = _pieces(old, new, around)
        try:
            if apply(old, found) == new:
                return found
        except DoesNotFit:
            pass
        around += 1     # so little of it stands in several places


def _pieces(old, new, around):
    old_lines, new_lines = old.splitlines(), new.splitlines()
    old_scopes, new_scopes = scopes(old), scopes(new)
    matcher, found = Matcher(None, old_lines, new_lines, autojunk=False), []
    for group in matcher.get_grouped_opcodes(around):
        lines, where = [], None
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                lines += [f" {line}".rstrip() for line in old_lines[i1:i2]]
                continue
            if where is None:
                where = old_scopes[i1] if i2 > i1 else new_scopes[j1]
            lines += [f"-{line}" for line in old_lines[i1:i2]]
            lines += [f"+{line}" for line in new_lines[j1:j2]]
        while not lines[0]:
            del lines[0]
        while not lines[-1]:
            del lines[-1]
        found.append((where, lines))
    return found


def apply(source, found):
    """Return SOURCE with the pieces of a change made in it, one after the other.

    Raises DoesNotFit where what is around a piece does not stand in the file, or stands in
    several places that the reader could not tell apart.
    """
    lines = source.splitlines()
    for where, piece in found:
        old = [line[1:] for line in piece if line[:1] != "+"]
        new = [line[1:] for line in piece if line[:1] != "-"]
        names = scopes("\n".join(lines))
        places = [i for i in range(len(lines) - len(old) + 1) if lines[i:i + len(old)] == old]
        if len(places) > 1:
            places = [i for i in places if where in names[i:i + len(old)]]
        if len(places) != 1:
            raise DoesNotFit(f"{where}: {old} stands {len(places)} times")
        lines[places[0]:places[0] + len(old)] = new
    return "\n".join(lines) + "\n"


def files(step):
    """Return the names of the files that a step or stage changes, framework first."""
    return [name for name in step.files if code(steps.before(step), name) != code(step, name)]


def block(found):
    """Return the text of a diff block for the pieces of a change."""
    return "\n".join(line for where, piece in found for line in (f"@@ {where} @@", *piece))


SHOWN = re.compile(
    r"<!-- \[\[\[cog change\((?P<words>[^)]*)\) \]\]\] -->\n```diff\n(?P<text>.*?)```", re.S)


def shown(page):
    """Yield (stage, name of a file, pieces) for each change that the text of a page shows."""
    for found in SHOWN.finditer(page):
        words = re.findall(r'"([^"]+)"', found["words"])
        name = words[1] if len(words) > 1 else "ownflask.py"
        yield steps.find(words[0]), name, parse(found["text"])


def parse(text):
    """Return the pieces that the text of a diff block shows: the other way round."""
    found = []
    for line in text.splitlines():
        if line.startswith("@@ "):
            found.append((line[3:-3], []))
        else:
            found[-1][1].append(line)
    return found
