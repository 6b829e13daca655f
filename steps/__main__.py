"""python3 -m steps: the course's own command. See steps/engine/command/."""

import sys

if not __package__:
    sys.exit("Say `python3 -m steps`, with -m, in the folder that holds steps/.")

from steps.engine.command import main

sys.exit(main(sys.argv[1:]))
