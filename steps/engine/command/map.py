"""The map: every step, its number, its name and its one idea."""

from steps import STEPS
from steps.engine.command.terminal import BOLD, PYTHON, paint


def takes(parser):
    """The map takes no arguments."""


def call(options):
    """Print the steps and what to type next."""
    print("OwnFlask, step by step. Each step is a folder under steps/, and each one runs.\n")
    for step in STEPS:
        print(f"  {step.number:>2}  {paint(f'{step.name:<14}', BOLD)} {step.title}")
    print(f"""
  {PYTHON} -m steps run 3      serve a step, here the third ({STEPS[2].name})
  {PYTHON} -m steps diff 3     what it changed against the step before
  {PYTHON} -m steps lab 3      play with it, in a notebook
  {PYTHON} -m steps start 3    write it yourself; `check 3` says what holds
  {PYTHON} -m steps test       the tests, every step held to them
  {PYTHON} -m steps --help     everything else""")
    return 0
