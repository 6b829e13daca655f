"""Where real Flask does what a step does: the ideas in data/, as links to the very lines.

An [[idea]] of a step has `ours`, our names in that step's ownflask.py; `symbols`, as
"module:name", where they are defined and not where they are imported, in the pinned versions;
`how` and `beyond`, one sentence a line.
"""

import importlib
import inspect
import operator
import platform
import re
import sys
import tomllib
from collections import namedtuple
from functools import cached_property
from importlib import metadata
from pathlib import Path

import steps
from steps.engine.command.hint import FOLDER

JOURNEY = Path(__file__).with_name("journey.toml")
PINS = steps.ROOT / "requirements.txt"

Idea = namedtuple("Idea", "idea ours symbols how beyond")


class NotThere(Exception):
    """The map names a symbol that the pinned version does not have at that place."""


def ideas(step):
    """Return the Ideas of a step. Raises ValueError, which names the one that is amiss."""
    file = FOLDER / f"{steps.find(step)}.toml"
    found = []
    for entry in tomllib.loads(file.read_text(encoding="utf-8"))["idea"]:
        try:
            found.append(Idea(**entry))
        except TypeError as error:
            raise ValueError(f"{file.name}: {entry.get('idea', entry)}: {error}")
    return found


# --- symbols, as "module:name"

def where(symbol):
    """Return (path inside the repository, first line) of a symbol. Raises NotThere."""
    package, version = owner(symbol)
    module, _, name = symbol.partition(":")
    try:
        found = inside(operator.attrgetter(name)(importlib.import_module(module)))
        real = f"{found.__module__}:{found.__qualname__}"
        file, (_, line) = Path(inspect.getsourcefile(found)), inspect.findsource(found)
    except (ImportError, AttributeError, TypeError, OSError):
        raise NotThere(f"{symbol} is not in {package} {version}")
    if real != symbol:
        raise NotThere(f"{symbol} stands in {real}")
    top = importlib.import_module(re.split("[.:]", symbol)[0])
    folder = Path(top.__file__).parents[1 if hasattr(top, "__path__") else 0]
    root = "Lib" if package == "Python" else "src"
    return f"{root}/{file.relative_to(folder).as_posix()}", line + 1


def inside(found):
    """Return the function in a property or behind a decorator; a class as it is."""
    if isinstance(found, property):         # Werkzeug's cached_property is one, too
        found = found.fget
    elif isinstance(found, cached_property):
        found = found.func
    return found if inspect.isclass(found) else inspect.unwrap(found)


def owner(symbol):
    """Return (package, version) of a symbol. Raises NotThere if the version is not the pinned."""
    package = re.split("[.:]", symbol)[0]
    if package in sys.stdlib_module_names:
        return "Python", platform.python_version()
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        version = "nothing"
    pins = re.findall(rf"^{package}==(\S+)", PINS.read_text(encoding="utf-8"), re.M)
    if pins != [version]:
        raise NotThere(
            f"{symbol}: requirements.txt pins {package} "
            f"{' '.join(pins) or 'nowhere'}, and {version} is installed"
        )
    return package, version


def link(symbol):
    """Return a link to the line where a symbol begins; to the file if it is Python's own."""
    package, version = owner(symbol)
    path, line = where(symbol)
    if package == "Python":
        url = f"https://github.com/python/cpython/blob/3.11/{path}"
    else:
        url = f"https://github.com/pallets/{package}/blob/{version}/{path}#L{line}"
    return f"[`{symbol.partition(':')[2]}`]({url})"


# --- what the pages show

def in_flask(step):
    """Print, for a step's chapter, how real Flask does the same, and what it does beyond."""
    for idea in ideas(step):
        show(idea)


def flask_map():
    """Print the ideas of all steps, each with our names for it."""
    for step in steps.STEPS:
        print(f"\n## Step {step.number}: {step.name}\n")
        for idea in ideas(step):
            show(idea, here=f"Here: {idea.ours}. ")


def stops():
    """Return the stops of one request's journey, in order: list of dict, see journey.toml."""
    return tomllib.loads(JOURNEY.read_text(encoding="utf-8"))["stop"]


def journey():
    """Print the stops of one request's journey, each with its source and our chapter for it."""
    for number, stop in enumerate(stops(), 1):
        module, _, name = stop["symbol"].partition(":")
        at = f"`{name}`" if module == "demo" else link(stop["symbol"])
        step = steps.find(stop["step"])
        text = "\n   ".join(stop["text"].strip().splitlines())
        where = "" if stop["ours"] == "nothing" else f", [step {step.number}]({step}.md)"
        print(f"{number}. **{stop['who']}**, {at}.\n   {text}\n   *Ours:* {stop['ours']}{where}.")


def show(idea, here=""):
    """Print one idea as a bullet."""
    print(f"- **{idea.idea}**: {here}{'In Flask: ' if here else ''}"
          f"{', '.join(map(link, idea.symbols))}.")
    for line in idea.how.splitlines():
        print(f"  {line}")
    print(f"  *Beyond ours:* {idea.beyond}")
