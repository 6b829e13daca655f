"""Plays a page as its reader does: types what it shows, in the order shown, into real terminals.

    python3 -m docs.tools.play docs/03_routing.md ...

A command goes to the first terminal whose prompt is free: while a server runs in one, the next
command is typed into another, as the reader does. A terminal stays in the folder that it was led
to, and a server runs until the page says "Stop ... with Ctrl-C". What comes back is held against
what the page shows. All of it happens in a copy of the course and, where the system allows it, in
a network of its own, so that port 8000 is free: see unshare(1).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pexpect

from docs.tools.same import as_read
from tests.course import copy_to

PROMPT, PYTHON_PROMPT, MORE = "[reader]$ ", ">>> ", "... "
SECONDS = 120       # for one answer; only what hangs uses them up
SERVES = re.compile(r"http://[\w.]+:\d+")
PYTHON = re.compile(r"python3( -m steps prompt \S+)?")
STOP = re.compile(r"\bstop\b.*\bCtrl-C\b", re.I)
NUMBERS = re.compile(r"\d+\.\d+ s\b")
ISOLATED = "OWNFLASK_PLAYS_ALONE"


class Stumble(Exception):
    """A reader who does what the page says sees something else than it shows."""


def events(text):
    """Yield (line number, kind, what, expected) for all that a reader does, in order.

    kind: "type" for a command, "say" for a statement of Python, "see" for what a server's
    terminal shows, "leave" for the end of a Python prompt, "stop" for Ctrl-C. expected: list of
    lines.
    """
    block, language, prose = [], None, []
    for number, line in enumerate(text.splitlines(), 1):
        fence = re.match(r"```(\w*)", line)
        if fence and language is None:
            language, block = fence[1], []
        elif fence:
            if language in ("console", "pycon"):
                yield from of_block(block)
            language = None
        elif language is not None:
            block.append((number, line))
        elif STOP.search(" ".join((*prose[-1:], line))) and not STOP.search("".join(prose[-1:])):
            yield number, "stop", line, []
            prose = [line]
            continue
        prose = [] if language is not None else [line]


def of_block(block):
    """Yield the events of one block, a list of (number, line)."""
    found, asked = [], False
    for number, line in block:
        if line.startswith("$ "):
            found.append([number, "type", line[2:], []])
        elif line.startswith(">>> "):
            found.append([number, "say", line[4:], []])
            asked = True
        elif line.startswith("...") and asked and found[-1][1] == "say" and not found[-1][3]:
            found[-1][2] += "\n" + line[4:]
        elif found:
            found[-1][3].append(line)
        else:
            found.append([number, "see", "", [line]])
    yield from map(tuple, found)
    if asked:
        yield block[-1][0], "leave", "", []


class Terminal:
    """A shell in a pseudo-terminal. busy: the server that runs in it, as the reader typed it."""

    def __init__(self, folder, environment):
        self.busy, self.shown = None, ""
        self.shell = pexpect.spawn(
            "bash", ["--noprofile", "--norc", "--noediting"], cwd=folder, env=environment,
            encoding="utf-8", codec_errors="replace", echo=False, timeout=SECONDS,
            dimensions=(50, 1000),
        )
        self.shell.expect_exact(PROMPT)

    def type(self, words, until=(PROMPT,)):
        """Send one line and return (index of what was met, what was shown before it)."""
        self.shell.sendline(words)
        return self.wait(until)

    def wait(self, until):
        """Wait for one of the texts; return (its index, what was shown before it)."""
        try:
            met = self.shell.expect_exact(list(until))
        except (pexpect.TIMEOUT, pexpect.EOF):
            raise Stumble(f"nothing more came for {SECONDS} s; so far: {self.shell.before!r}")
        self.shown += self.shell.before + self.shell.after
        return met, self.shell.before.replace("\r\n", "\n")

    def read(self):
        """Return all that the terminal has shown so far."""
        while True:
            try:
                self.shown += self.shell.read_nonblocking(100_000, timeout=0.3)
            except (pexpect.TIMEOUT, pexpect.EOF):
                return self.shown.replace("\r\n", "\n")

    def interrupt(self):
        """Press Ctrl-C and wait for the prompt."""
        self.shell.sendintr()
        self.wait([PROMPT])
        self.busy = None


class Reader:
    """Somebody who types a page, in a copy of the course: folder."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.terminals, self.python = [], None

    def free(self):
        """Return the first terminal with a prompt; open another where none has one."""
        for terminal in self.terminals:
            if not terminal.busy:
                return terminal
        self.terminals.append(Terminal(self.folder, self.environment))
        return self.terminals[-1]

    def type(self, command, expected):
        """Type a command and hold what comes back against what the page shows."""
        terminal = self.free()
        if PYTHON.fullmatch(command):
            terminal.type(command, [PYTHON_PROMPT])
            self.python, terminal.busy = terminal, command
            return
        serves = expected and any(SERVES.search(line) for line in expected) \
            and not re.match(r"(curl|cat|cut|echo)\b", command)
        if serves and expected[-1] == "...":
            expected = expected[:-1]
        met, shown = terminal.type(command, [PROMPT, *([expected[-1]] if serves else [])])
        if met == 1:
            terminal.busy = command
            shown += expected[-1]
        elif serves and terminal.busy is None and "Ctrl-C" in expected[-1]:
            raise Stumble(f"it ended, and the page shows a server: {shown!r}")
        compare(shown, expected)

    def say(self, statement, expected):
        """Type a statement at the prompt of Python."""
        if not self.python:
            raise Stumble("no python3 was started before this")
        shown = ""
        for line in statement.split("\n"):
            _, said = self.python.type(line, [PYTHON_PROMPT, MORE])
            shown += said
        compare(shown, expected)

    def leave(self):
        """Leave the prompt of Python."""
        self.python.type("exit()")
        self.python.busy, self.python = None, None

    def see(self, expected):
        """Hold lines that the page shows against what the last server's terminal shows."""
        busy = [terminal for terminal in self.terminals if terminal.busy]
        shown = as_read("\n".join(terminal.read() for terminal in busy))
        for line in expected:
            if line != "..." and like(as_read(line)) not in like(shown):
                raise Stumble(f"no server's terminal shows {line!r}; it shows: {shown[-2000:]!r}")

    def stop(self):
        """Stop all servers, as the page says."""
        busy = [terminal for terminal in self.terminals if terminal.busy]
        if not busy:
            raise Stumble("there is no server to stop")
        for terminal in busy:
            terminal.interrupt()

    def close(self):
        """Close all terminals, and with them what still runs there."""
        for terminal in self.terminals:
            terminal.shell.close(force=True)


def like(text):
    """Return a text without what differs from run to run, and without curl's bold letters."""
    return NUMBERS.sub("N s", re.sub(r"\x1b\[\d*m", "", text))


def compare(shown, expected):
    """Raise Stumble unless SHOWN is what the page shows; a line "..." stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(like(as_read(line.rstrip()))) + r" *\n"
        for line in expected)
    shown = like(as_read(shown).rstrip("\n") + "\n") if shown.strip() else ""
    if not re.fullmatch(pattern, shown):
        raise Stumble("\n".join(["the page shows:", *expected, "and the reader sees:", shown]))


def play(page, folder, environment):
    """Play one page; return what a reader stumbles over: "file:line: what", or None."""
    reader = Reader(folder, environment)
    number, what = 0, ""
    try:
        for event in events(page.read_text(encoding="utf-8")):
            number, kind, what, expected = event
            if kind in ("type", "say"):
                getattr(reader, kind)(what, expected)
            elif kind == "see":
                reader.see(expected)
            else:
                getattr(reader, kind)()
        left = [terminal.busy for terminal in reader.terminals if terminal.busy]
        if left:
            raise Stumble(f"the page ends, and this still runs: {left}")
    except Stumble as stumble:
        return f"docs/{page.name}:{number}: {what}\n{stumble}"
    finally:
        reader.close()
    return None


def alone():
    """Run this program again in a network of its own, where that is possible."""
    if os.environ.get(ISOLATED):
        return
    os.environ[ISOLATED] = "1"
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        up = [*words, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        try:
            if subprocess.run([*up, "true"], capture_output=True).returncode == 0:
                os.execvp(up[0], [*up, sys.executable, "-m", "docs.tools.play", *sys.argv[1:]])
        except OSError:
            pass


def main():
    """Play the pages named, and return 1 where a reader stumbles."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+", type=Path)
    pages = [page.resolve() for page in parser.parse_args().pages]
    alone()
    stumbles = []
    with tempfile.TemporaryDirectory(prefix="ownflask-reader-") as scratch:
        home = Path(scratch, "home")
        home.mkdir()
        folder = copy_to(Path(scratch).resolve() / "ownflask")
        # What `test`, `lab` and `site` have installed by then.
        os.symlink(Path(sys.prefix), folder / ".venv")
        (home / "python3").symlink_to(sys.executable)
        environment = {
            "PATH": f"{home}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "TERM": "dumb",
            "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "PS1": PROMPT,
        }
        for page in pages:
            stumble = play(page, folder, environment)
            print(stumble or f"docs/{page.name}: played", flush=True)
            stumbles += [stumble] if stumble else []
            shutil.rmtree(folder / "my", ignore_errors=True)
    return 1 if stumbles else 0


if __name__ == "__main__":
    sys.exit(main())
