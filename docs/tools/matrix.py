"""The matrix: which behaviour holds at which step, and on real Flask."""

import steps
from docs.tools.markdown import plain
from tests.behaviours import BEHAVIOURS


def matrix():
    """Print one table for the behaviours that came with each step."""
    numbers = [step.number for step in steps.STEPS]
    for step in steps.STEPS:
        print(f"\n## Since step {step.number}: {step.name}\n")
        print("| behaviour | " + " | ".join(map(str, numbers)) + " | Flask |")
        print("|---|" + ":-:|" * (len(numbers) + 1))
        notes = []
        for behaviour in BEHAVIOURS.values():
            if behaviour.since == step.number:
                cells = [cell(behaviour, number) for number in numbers]
                print(f"| {plain(behaviour.sentence)} | " + " | ".join(cells)
                      + f" | {flask_cell(behaviour)} |")
                if behaviour.flask:
                    notes.append(f"- {plain(behaviour.sentence)}: {plain(behaviour.flask[1])}.")
        if notes:
            print("\nWhat real Flask does instead:\n\n" + "\n".join(notes))


def cell(behaviour, number):
    """Return what a step's cell says; docs/matrix.md tells what the words mean."""
    if behaviour.holds_at(number):
        return "fault" if behaviour.flaw else "yes"
    if number > behaviour.since:
        return "gone"
    return "no" if number == behaviour.since - 1 else "-"


def flask_cell(behaviour):
    """Return what the cell of real Flask says; a behaviour that ended was never asked of it."""
    if behaviour.until is not None:
        return "-"
    if behaviour.flask:
        return "differs"
    return "fault" if behaviour.flaw else "yes"
