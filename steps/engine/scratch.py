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
    if new and os.path.lexists(path):
        raise FileExistsError(f"{path} is there already")
    replace_all({path: content})


def replace_all(files):
    """Do what replace() does for several files, {path: content}: none before all are written."""
    besides = {}
    try:
        for path, content in files.items():
            path = Path(path)
            content = content.encode() if isinstance(content, str) else content
            mode = path.lstat().st_mode if os.path.lexists(path) else None
            if mode is not None and not stat.S_ISREG(mode):
                path.write_bytes(content)
                continue
            besides[path] = beside = path.with_name(f".ownflask-{secrets.token_hex(8)}")
            beside.write_bytes(content)
            if mode is not None:
                beside.chmod(stat.S_IMODE(mode))
        for path, beside in besides.items():
            os.replace(beside, path)
    finally:
        for beside in besides.values():
            beside.unlink(missing_ok=True)
