"""Any text as Markdown that shows it letter for letter: on GitHub, and on the site.

Whatever stands in a page and was not written as Markdown goes through here.
"""

import re

# What means something anywhere: emphasis, code, links, HTML, entities, cells, formulas, roles.
# An underscore inside a word means nothing.
INSIDE = re.compile(r"[\\`*<>\[\]&|~${}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# What means something where a line, a bullet or a cell begins: headings, lists, and MyST's
# comments, block breaks, fences and targets.
FIRST = re.compile(r"^(\d*)([#+\-%=:(]|(?<=\d)[.)])")


def plain(text):
    """Return a text, its white space taken for blanks, as Markdown."""
    text = INSIDE.sub(r"\\\g<0>", " ".join(text.split()))
    return FIRST.sub(r"\1\\\2", text)


def code(text):
    """Return a text, its white space taken for blanks, as a span of code; not for a cell."""
    text = " ".join(text.split())
    ticks = "`" * (longest_run(text) + 1)
    blank = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{blank}{text}{blank}{ticks}"


def fenced(text, language):
    """Return a text as a block of that language."""
    ticks = "`" * max(3, longest_run(text) + 1)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def longest_run(text):
    """Return the length of the longest row of backticks in a text."""
    return max(map(len, re.findall("`+", text)), default=0)
