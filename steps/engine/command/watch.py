"""Check your file again each time you save it, until Ctrl-C.

  watch      the file in my/ that you changed last
  watch 5    my/05_json/ownflask.py; otherwise like `check`
"""

import time

from steps.engine.command import BadInput
from steps.engine.command.check import chosen, tell
from steps.engine.command.mine import short, state, target
from steps.engine.command.terminal import BOLD, paint

PAUSE = 0.2     # seconds between two looks at the file


def takes(parser):
    """Declare STEP, PATH and --exercise."""
    parser.add_argument("target", metavar="STEP", nargs="*", help="a step, a path, or both")
    parser.add_argument("--exercise", metavar="NAME", help="a further exercise")


def call(options):
    """Check on every change; return 0 on Ctrl-C."""
    if len(options.target) > 2:
        raise BadInput("watch takes a step, a path, or both")
    step, path = target(options.target)
    exercise = chosen(step, options.exercise)
    seen = None
    try:
        while True:
            now = state(path)
            if now is None and seen is not None:
                print(f"{short(path)} is gone; waiting for it to come back", flush=True)
                seen = None
            if now == seen:
                time.sleep(PAUSE)
                continue
            print(paint(f"\n--- {time.strftime('%H:%M:%S')} ---", BOLD), flush=True)
            tell(step, path, exercise, changed=lambda now=now: state(path) != now)
            if state(path) == now:      # else it was saved, or is gone, meanwhile
                print(f"(Waiting for you to save {short(path)}; Ctrl-C ends it)", flush=True)
            seen = now
    except KeyboardInterrupt:
        print()
        return 0
