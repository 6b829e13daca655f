"""What this reader types in a terminal, and what that terminal can show."""

import os
import sys

WINDOWS = os.name == "nt"
PYTHON = "py" if WINDOWS else "python3"
# In PowerShell, `curl` alone is another program.
CURL = "curl.exe" if WINDOWS else "curl"

GREEN, RED, BLUE, BOLD = "32", "31", "36", "1"


def paint(text, colour):
    """Return TEXT in an ANSI colour where stdout is a terminal that wants any."""
    return f"\033[{colour}m{text}\033[0m" if shows_colour() else text


def shows_colour():
    """Say whether to print colours: a terminal, no NO_COLOR (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if not sys.stdout or not sys.stdout.isatty():
        return False
    if WINDOWS:
        os.system("")       # makes older Windows consoles read colours
    return True


def visible(text):
    """Return TEXT in one line, each letter that no terminal shows as Python writes it: \\x0b."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def printable(text):
    """Return TEXT in one line, what would move a terminal's cursor shown as "?"."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
