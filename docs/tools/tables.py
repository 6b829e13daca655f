"""The tables of the steps: the map in README.md, and the chapters in docs/index.md."""

import steps
from docs.tools import chapters
from docs.tools.markdown import plain


def map_of_steps():
    """Print, for README.md, a row for each step: its folder, its idea, and what to read."""
    print("| step | what it adds | to read |\n|---|---|---|")
    for step in steps.STEPS:
        print(f"| [{step}](steps/{step}) | {plain(step.title)} | "
              f"[chapter](docs/{step}.md), [diff](docs/{step}.md#the-whole-diff), "
              f"[lab](notebooks/{step}.ipynb) |")


def contents():
    """Print, for docs/index.md, a row for each chapter, with its lab."""
    print("| chapter | what it adds |\n|---|---|")
    print(f"| [{chapters.title(chapters.FIRST)}]({chapters.FIRST}.md) | "
          "a request and a response by hand, and the words |")
    for step in steps.STEPS:
        print(f"| [{chapters.title(step)}]({step}.md), [lab](../notebooks/{step}.ipynb) | "
              f"{plain(step.title)} |")
