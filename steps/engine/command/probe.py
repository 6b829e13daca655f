"""A first look at somebody's ownflask.py, in a process of its own.

    python3 probe.py FOLDER REPORT SECONDS

It imports the file and writes what came of it into REPORT, as JSON. Beside it, "stack" holds
where the import was every so many SECONDS: whoever waits ends it. What it prints is counted,
and too much of it ends the import.
"""

import faulthandler
import io
import json
import os
import sys
import traceback
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path

MOST_LINES, MOST_LETTERS = 10_000, 1_000_000


class PrintsTooMuch(BaseException):
    """It prints without an end. No Exception: their `except Exception` shall not stop it."""


class Meter(io.TextIOBase):
    """A stdout that counts lines and letters, and forgets them."""

    encoding, errors = "utf-8", "replace"
    lines = letters = 0

    def write(self, text):
        """Count; raise PrintsTooMuch after MOST_LINES or MOST_LETTERS."""
        self.lines += text.count("\n")
        self.letters += len(text)
        if self.lines > MOST_LINES or self.letters > MOST_LETTERS:
            raise PrintsTooMuch
        return len(text)


def look(folder):
    """Import the ownflask.py in FOLDER; return {"error", "says", "file", "line"}, or {}.

    "beside" has the files of that folder that stand in the way of a module of Python's own.
    """
    report = import_from(folder)
    used = {name.partition(".")[0] for name in [*sys.modules, Path(report.get("file", "")).stem]}
    report["beside"] = [file for name in sorted(used & sys.stdlib_module_names)
                        for file in (f"{name}.py", f"{name}/__init__.py")
                        if Path(folder, file).is_file() and comes_from_a_path(name)]
    return report


def comes_from_a_path(name):
    """Say whether a module of Python's own is looked for where a file can stand in the way."""
    return not (BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name))


def import_from(folder):
    """Import the ownflask.py in FOLDER; return {"error", "says", "file", "line"}, or {}."""
    sys.path.insert(0, folder)
    try:
        import ownflask
        if not isinstance(getattr(ownflask, "Flask", None), type):
            return {"error": "NoFlask"}
    except BaseException as error:
        says = str(error).partition("\n")[0]
        report = {"error": type(error).__name__, "says": says[:200]}
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith(folder):
                report |= {"file": frame.filename, "line": frame.lineno}
        if isinstance(error, SyntaxError) and (error.filename or "").startswith(folder):
            report |= {"file": error.filename, "line": error.lineno}
        return report
    return {}


if __name__ == "__main__":
    folder, place, seconds = sys.argv[1:]
    with open(place + ".stack", "w") as stack:
        faulthandler.dump_traceback_later(float(seconds), repeat=True, file=stack)
        sys.argv = [""]
        sys.stdout = sys.stderr = Meter()
        report = look(folder)
        faulthandler.cancel_dump_traceback_later()
    with open(place, "w", encoding="utf-8") as file:
        json.dump(report, file)
    os._exit(0)     # a thread of theirs shall not keep anybody waiting
