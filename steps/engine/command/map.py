"""The map: every step, its number, its name and its one idea.

  map      the steps
  map 6    the stages of step 6
"""

import steps
from steps import STEPS
from steps.engine.command.terminal import BOLD, PYTHON, paint


def takes(parser):
    """Declare STEP."""
    parser.add_argument("step", metavar="STEP", nargs="?", help="number or name")


def call(options):
    """Print the steps, or the stages of one, and what to type next."""
    if options.step is not None:
        print_stages(steps.find(options.step).step)
        return 0
    print("OwnFlask, step by step. Each step is a folder under steps/, and each one runs.\n")
    wide = max(len(step.name) for step in STEPS)
    for step in STEPS:
        print(f"  {step.number:>2}  {paint(f'{step.name:<{wide}}', BOLD)}  {step.title}")
    print(f"""
  {PYTHON} -m steps run 3      serve a step, here the third ({STEPS[2].name})
  {PYTHON} -m steps diff 3     what it changed against the step before
  {PYTHON} -m steps map 3      its stages, one small change each: 3.1, 3.2, ...
  {PYTHON} -m steps lab 3      play with it, in a notebook
  {PYTHON} -m steps start 3    write it yourself; `check 3` says what holds
  {PYTHON} -m steps test       the tests, every step held to them
  {PYTHON} -m steps --help     everything else""")
    return 0


def print_stages(step):
    """Print the stages of a step, and what to type next."""
    print(f"{paint(f'Step {step.number}, {step.name}', BOLD)}: {step.title}\n")
    if not step.stages:
        print("It is made in one change.")
        return
    wide = max(len(stage.name) for stage in step.stages)
    digits = len(step.stages[-1].number)
    for stage in step.stages:
        print(f"  {stage.number:<{digits}}  {paint(f'{stage.name:<{wide}}', BOLD)}  {stage.title}")
    first = step.stages[0]
    print(f"""
  {PYTHON} -m steps diff {first.number}     what one of them changed
  {PYTHON} -m steps run {first.number}      serve it
  {PYTHON} -m steps start {step.number}      write the step yourself, stage by stage""")
