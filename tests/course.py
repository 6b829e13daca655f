"""The course as a reader has it: its command in a process of its own, and copies to spoil."""

import os
import shutil
import subprocess
import sys

import steps

LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*cache", "_build", "my",
                                  ".ipynb_checkpoints")


def command(*words, cwd=steps.ROOT, timeout=120, **more):
    """Run python3 -m steps with these words and return the finished process, output as text."""
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    environment.update(more)
    return subprocess.run(
        [sys.executable, "-B", "-m", "steps", *map(str, words)], cwd=cwd, env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8",
        timeout=timeout,
    )


def copy_to(folder):
    """Copy the course to a folder that is not there yet, and return it."""
    shutil.copytree(steps.ROOT, folder, copy_function=shutil.copyfile, ignore=LEFT_OUT)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder
