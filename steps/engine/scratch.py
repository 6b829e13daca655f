"""A folder for a while, which goes away whatever was put into it."""

import contextlib
import shutil
import tempfile
from pathlib import Path


@contextlib.contextmanager
def scratch(prefix="ownflask-"):
    """Yield a new folder, a Path; remove it afterwards, or leave what cannot be removed."""
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    try:
        yield folder
    finally:
        # A stranger's code may have made folders in folders until rmtree() gives up.
        with contextlib.suppress(OSError, RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
