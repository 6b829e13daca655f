"""python3 -m steps: the course's own command. See steps/engine/command/."""

import os
import sys
from pathlib import Path

if not __package__:     # `python3 steps`, from any folder, and where PYTHONSAFEPATH is set
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.pop("PYTHONSAFEPATH", None)

from steps.engine.command import main

sys.exit(main(sys.argv[1:]))
