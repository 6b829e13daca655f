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

Entry = namedtuple("Entry", "number section title printed happens here step stage no_mutant",
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


def post(stage):
    """Print, folded, which snippet of the post a stage is, and what is wrong with that."""
    stage = steps.find(stage)
    found = [entry for entry in entries() if entry.stage == stage.name]
    section, _, what = stage.post.partition(": ")
    summary = f"In the post: {section}" if what else "Where the post differs"
    print(f"<details><summary>{summary}</summary>\n")
    if what:
        print(f"{what[0].upper()}{what[1:]}.\n")
    for entry in found:
        first = re.split(r"(?<=[.!?]) ", " ".join(entry.happens.split()))[0]
        print(f"- [{entry.title}](errata.md#{anchor(heading(entry))}). {first}")
    print("\n</details>")


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
