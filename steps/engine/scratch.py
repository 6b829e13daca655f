"""A folder for a while, which goes away whatever was put into it; and files that are never half."""

import contextlib
import os
import secrets
import shutil
import stat
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


def replace(path, content, new=False):
    """Put CONTENT, str (as UTF-8) or bytes, into a file: written beside it, then renamed.

    Whatever interrupts it, a full disk or Ctrl-C, leaves the old file or the new one, whole, and
    nothing beside it. The file keeps its mode. What is no plain file, such as /dev/stdout or a
    link, is written to as it stands. new: there must be none yet. Raises OSError, of which
    FileExistsError says that there is one.
    """
    path = Path(path)
    content = content.encode() if isinstance(content, str) else content
    there = path.lstat() if os.path.lexists(path) else None
    if there and new:
        raise FileExistsError(f"{path} is there already")
    if there and not stat.S_ISREG(there.st_mode):
        path.write_bytes(content)
        return
    beside = path.with_name(f".ownflask-{secrets.token_hex(8)}")
    try:
        beside.write_bytes(content)
        if there:
            shutil.copymode(path, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
