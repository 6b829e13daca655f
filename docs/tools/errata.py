"""The post's defects for its readers: errata.toml as a page, and as a fold in the chapters."""

import re
import tomllib
from collections import namedtuple
from pathlib import Path

import steps
from docs.tools import chapters

DATA = Path(__file__).with_name("errata.toml")

Entry = namedtuple("Entry", "snippet number stage printed see do no_mutant", defaults=[None])


def entries():
    """Return the entries of errata.toml, in the order of the post; TypeError for a field amiss."""
    with open(DATA, "rb") as file:
        snippets = tomllib.load(file)["snippet"]
    return [Entry(each["title"], **entry) for each in snippets for entry in each["entry"]]


def anchor(text):
    """Return what a heading of that text is called in a link, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def post(stage):
    """Print, folded, which snippet of the post a stage is, and what is wrong with that.

    Raises ValueError where it is none and nothing is: there would be nothing to fold.
    """
    stage = steps.find(stage)
    section, _, what = stage.post.partition(": ")
    told = [f"{what[0].upper()}{what[1:]}.\n"] if what else []
    for entry in entries():
        if entry.stage == stage.name:
            first = re.split(r"(?<=[.!?]) ", entry.see)[0]
            told.append(f"- [{entry.printed.rstrip('.')}](errata.md#{anchor(entry.snippet)})."
                        f" {first}")
    if not told:
        raise ValueError(f"stage {stage.number} has nothing to do with the post")
    summary = f"In the post: {section}" if what else "Where the post differs"
    print(f"<details><summary>{summary}</summary>\n")
    print("\n".join(told).strip())
    print("\n</details>")


def errata_page():
    """Print a table for each snippet of the post: what is printed, what you see, what to do."""
    snippet = None
    for entry in entries():
        if entry.snippet != snippet:
            snippet = entry.snippet
            print(f"\n## {snippet}\n\n| no. | printed | you see | what to do |\n|--:|---|---|---|")
        print(f"| {entry.number} | {entry.printed} | {entry.see} | {with_links(entry)} |")


def with_links(entry):
    """Return what to do, with a link to each stage that it names, or else to the entry's."""
    if re.search(r"\{\w+\}", entry.do):
        return re.sub(r"\{(\w+)\}", lambda found: link(found[1]), entry.do)
    return f"{entry.do} {link(entry.stage)}"


def link(stage):
    """Return a link to the section of a stage."""
    stage = steps.find(stage)
    page = chapters.chapter(stage.of).name
    return f"[{stage.number}]({page}#{anchor(chapters.heading(stage))})"
