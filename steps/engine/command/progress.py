"""Run a program that takes its time, and show that it is alive and how far it is."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

EVERY = 10      # seconds from line to line where there is no terminal


class Progress:
    """Says what is being done: on a terminal over and over in one line, elsewhere now and then."""

    def __init__(self):
        self._started = self._told = time.monotonic()
        self._terminal = sys.stdout is not None and sys.stdout.isatty()

    def tell(self, doing):
        """Show DOING, a few words, with the seconds since the beginning, if it is time to."""
        now = time.monotonic()
        text = f"  {now - self._started:3.0f} s  {doing}"
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{text[:width]:<{width}}", end="", flush=True)
        elif now - self._told >= EVERY:
            self._told = now
            print(text.rstrip(), flush=True)

    def clear(self):
        """Wipe out the line that tell() wrote on a terminal."""
        if self._terminal:
            print(f"\r{'':<{shutil.get_terminal_size().columns - 1}}\r", end="", flush=True)


def follow(command, doing, held, environment):
    """Run COMMAND, a list of words, and return its exit code and the lines that it printed.

    doing: a function that gets the lines so far and returns what happens now, in a few words.
    held: the descriptor of a lock, which the command shall hold as well: should this process be
    killed, the lock is free when the command has ended, and no sooner. environment: a dict.
    """
    posix = {} if os.name == "nt" else {"pass_fds": (held,), "start_new_session": True}
    said, progress = [], Progress()

    def read():
        for line in process.stdout:
            said.append(line.strip())

    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace", env=environment, **posix,
    ) as process:
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                progress.tell(doing(said))
                reader.join(0.2)
        except BaseException:       # Ctrl-C, a closed window, a closed pipe
            end(process)
            raise
        finally:
            progress.clear()
    return process.returncode, [line for line in said if line]


def end(process, patience=10):
    """End a process of follow() and its children: as Ctrl-C does, so that they clear up.

    patience: seconds until they are ended by force.
    """
    if sys.platform == "win32":     # there, Ctrl-C has reached them already
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
        return
    deadline = time.monotonic() + patience
    # When nobody of the group is left: no such process, or on macOS no permission.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGINT)
        while time.monotonic() < deadline:
            process.poll()
            os.killpg(process.pid, 0)
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
