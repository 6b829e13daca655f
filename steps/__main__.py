"""python3 -m steps: the course's own command. See steps/command/."""

import sys

from steps.command import main

sys.exit(main(sys.argv[1:]))
