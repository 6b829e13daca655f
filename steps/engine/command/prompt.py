"""Python's own prompt, at which `import ownflask` and `import demo` mean a step's files.

  prompt 3           ownflask.py and demo.py of step 3
  prompt 3.2         those of a stage
  prompt 4 --on 3    demo.py of step 4 on the ownflask.py of step 3

Leave it with exit().
"""

import code
import os
import sys

import steps


def takes(parser):
    """Declare STEP and --on."""
    parser.add_argument("step", metavar="STEP", help="number or name of a step or stage")
    parser.add_argument("--on", metavar="STEP", help="the step whose ownflask.py is imported")


def call(options):
    """Read and run statements until exit(); return 0."""
    step = steps.find(options.step)
    framework = step if options.on is None else steps.find(options.on)
    sys.path[:0] = [str(framework.folder), str(step.demo.parent)]
    os.chdir(step.demo.parent)
    try:
        import readline  # noqa: F401  (arrow keys, where this Python has them)
    except ImportError:
        pass
    try:
        code.interact(banner="", exitmsg="", local={"__name__": "__main__"})
    except SystemExit as end:
        return end.code or 0
    return 0
