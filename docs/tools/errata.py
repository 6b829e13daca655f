"""The post's defects for its readers: errata.toml, and the mutants that prove our mends."""

import re
import tomllib
from collections import namedtuple
from pathlib import Path

import steps
from docs.tools.markdown import plain
from tests import mutants
from tests.behaviours import BEHAVIOURS

DATA = Path(__file__).with_name("errata.toml")

Entry = namedtuple("Entry", "number section title printed happens here step no_mutant",
                   defaults=[None])


def entries():
    """Return the entries of errata.toml, in order; KeyError or TypeError for a field amiss."""
    with open(DATA, "rb") as file:
        return [Entry(**entry) for entry in tomllib.load(file)["entry"]]


def heading(entry):
    """Return the text of an entry's heading."""
    return f"{entry.number}. {entry.title}"


def anchor(text):
    """Return what a heading of that text is called in a link, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def errata(step):
    """Print, for a step's chapter, where the post differs and what we do instead."""
    for entry in entries():
        if entry.step == steps.find(step).name:
            print(f"- [{heading(entry)}](errata.md#{anchor(heading(entry))}).\n  {entry.here}")


def errata_page():
    """Print all entries under the post's headings, each with what proves it."""
    section = None
    caught = mutants.load().values()
    for entry in entries():
        if entry.section != section:
            section = entry.section
            print(f"\n## {section}")
        print(f"\n### {heading(entry)}\n\n{entry.printed}\n{entry.happens}\n")
        print(f"**Here:** {entry.here}\n")
        proofs = [shown_by(mutant) for mutant in caught if entry.number in mutant.errata]
        print("\n".join(proofs) if proofs else f"- Not put back: {entry.no_mutant}.")


def shown_by(mutant):
    """Return one line: the mutant that puts a defect back, and the behaviour that sees it."""
    behaviour = BEHAVIOURS[mutant.behaviour]
    return (
        f"- Put back into step {mutant.step} (`{mutant.name}`), "
        f"it is caught by \"{plain(behaviour.sentence)}\"."
    )
