"""The course's steps: which exist, and the one way to start one.

Whoever wants to know which steps there are, or wants one running, asks here: the command,
the tests, the notebooks and the chapters.

    >>> import steps
    >>> with steps.start("routing") as server:
    ...     print(server.url)
    http://127.0.0.1:49152
"""

import signal
import sys

# Before anything that an older Python could not even read.
if sys.version_info < (3, 11):
    sys.stderr.write(
        "This course needs Python 3.11 or newer; this one is %d.%d: %s\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    sys.exit(2)

if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # For `python3 -m steps`, until its call is imported: Ctrl-C just ends it, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from steps.engine.catalogue import (
    FOLDER,
    ROOT,
    STAGES,
    STEPS,
    Stage,
    Step,
    UnknownStep,
    before,
    find,
)
from steps.engine.server import FLASK, NotServing, Server, launch, start

__all__ = [
    "FLASK", "FOLDER", "ROOT", "STAGES", "STEPS", "NotServing", "Server", "Stage", "Step",
    "UnknownStep",
    "before", "find", "launch", "start",
]
