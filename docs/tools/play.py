"""Plays a page as its reader does: types what it shows, in the order shown, into real terminals.

    python3 -m docs.tools.play docs/03_routing.md ...

A command goes to the first terminal whose prompt is free: while a server runs in one, the next
command is typed into another, as the reader does. A terminal stays in the folder that it was led
to, and a server runs until the page shows "^C" or says "Stop ... with Ctrl-C". What comes back
is held against what the page shows. All of it happens in a copy of the course and, where the
system allows it, in a network of its own, so that port 8000 is free: see unshare(1).
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
STARTS_PYTHON = re.compile(r"python3( -m steps prompt .+)?")
STARTS_A_SERVER = re.compile(r"steps run|bare_server|gunicorn .*--bind|waitress-serve")
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
            if "exit()" in line:
                yield number, "leave", line, []
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
        elif line == "^C":
            found.append([number, "stop", line, []])
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
    """A shell in a pseudo-terminal. state: what runs in it now, one of the four below."""

    def __init__(self, folder, environment):
        self.state, self.shown = IDLE, ""
        self.shell = pexpect.spawn(
            "bash", ["--noprofile", "--norc", "--noediting"], cwd=folder, env=environment,
            encoding="utf-8", codec_errors="replace", echo=False, timeout=SECONDS,
            dimensions=(50, 1000),
        )
        self.shell.expect_exact(PROMPT)

    def type(self, words, *until):
        """Send one line; wait for one of the texts, and return it and what was shown before."""
        self.shell.sendline(words)
        return self.wait(*until)

    def wait(self, *until, seconds=SECONDS):
        """Wait for one of the texts; return it, and what was shown before it."""
        # The rest of a line with a port, or with a process's number, differs from run to run.
        patterns = [re.sub(r":\d+.*", r":\\d+[^\\r\\n]*", re.escape(text))
                    for text in until]
        try:
            met = self.shell.expect(patterns, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            raise Stumble(f"nothing more came for {seconds} s; so far: {self.shell.before!r}")
        self.shown += self.shell.before + self.shell.after
        return (self.shell.after if met else until[0]), self.shell.before.replace("\r\n", "\n")

    def read(self):
        """Return all that the terminal has shown so far."""
        while True:
            try:
                self.shown += self.shell.read_nonblocking(100_000, timeout=0.3)
            except (pexpect.TIMEOUT, pexpect.EOF):
                return self.shown.replace("\r\n", "\n")


IDLE, SERVER, PYTHON, PYTHON_SERVER = "idle", "a server", "Python", "a server in Python"


class Reader:
    """Somebody who types a page, in a copy of the course: folder."""

    def __init__(self, folder, environment):
        self.folder, self.environment, self.terminals = folder, environment, []

    def having(self, *states):
        """Return the terminals in which one of these runs."""
        return [terminal for terminal in self.terminals if terminal.state in states]

    def type(self, command, expected):
        """Type a command and hold what comes back against what the page shows."""
        if not self.having(IDLE):
            self.terminals.append(Terminal(self.folder, self.environment))
        terminal = self.having(IDLE)[0]
        if STARTS_PYTHON.fullmatch(command):
            terminal.type(command, PYTHON_PROMPT)
            terminal.state = PYTHON
            return
        expected = expected[:-1] if expected[-1:] == ["..."] else expected
        serves = STARTS_A_SERVER.search(command) and expected
        url = SERVES.search(expected[-1]) if serves else None
        last = [url[0]] if url else expected[-1:] if serves else []
        met, shown = terminal.type(command, PROMPT, *last)
        if met != PROMPT:
            shown += met
            try:
                shown += terminal.wait(PROMPT, seconds=2)[1]
            except Stumble:
                terminal.state = SERVER
        elif serves and SERVES.search(expected[-1]):
            raise Stumble(f"it ended, and the page shows a server: {shown!r}")
        compare(shown, expected)

    def say(self, statement, expected):
        """Type a statement at the prompt of Python."""
        if not self.having(PYTHON):
            raise Stumble("no python3 was started before this")
        terminal = self.having(PYTHON)[-1]
        if statement == "exit()":
            return self.leave(expected)
        if expected and SERVES.search(expected[-1]):
            shown = terminal.type(statement, expected[-1])[1]
            terminal.state = PYTHON_SERVER
            return compare(shown + terminal.shell.after, expected)
        shown = ""
        for line in statement.split("\n"):
            shown += terminal.type(line, PYTHON_PROMPT, MORE)[1]
        compare(shown, expected)

    def leave(self, expected):
        """Leave the prompt of Python, unless it serves."""
        for terminal in self.having(PYTHON):
            terminal.type("exit()", PROMPT)
            terminal.state = IDLE

    def see(self, expected):
        """Hold lines that the page shows against what a server's terminal shows."""
        busy = self.having(SERVER, PYTHON_SERVER)
        shown = like("\n".join(terminal.read() for terminal in busy))
        for line in expected:
            if line != "..." and like(line) not in shown:
                raise Stumble(f"no server's terminal shows {line!r}; it shows: {shown[-2000:]!r}")

    def stop(self, expected):
        """Stop all servers with Ctrl-C, as the page says."""
        busy = self.having(SERVER, PYTHON_SERVER)
        if not busy:
            raise Stumble("there is no server to stop")
        for terminal in busy:
            terminal.shell.sendintr()
            inside = terminal.state == PYTHON_SERVER
            shown = like(terminal.wait(PYTHON_PROMPT if inside else PROMPT)[1])
            terminal.state = PYTHON if inside else IDLE
            for line in expected:
                if line != "..." and like(line) not in shown:
                    raise Stumble(f"Ctrl-C does not show {line!r}; it shows: {shown[-2000:]!r}")

    def close(self):
        """Close all terminals, and with them what still runs there."""
        for terminal in self.terminals:
            terminal.shell.close(force=True)


def like(text):
    """Return a text without what differs from run to run, and without curl's bold letters."""
    text = re.sub(r"/\S*/ownflask-reader-[^/]*/ownflask/", "", text)
    # Bars are as long as it took, and where a machine is busy some clients give up.
    text = re.sub(r"#+ +(?=\d)", "# ", text).replace("no answer: timed out", "200")
    return NUMBERS.sub("N s", as_read(re.sub(r"\x1b\[\d*m", "", text)))


def compare(shown, expected):
    """Raise Stumble unless SHOWN is what the page shows; a line "..." stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(like(line.rstrip())) + r" *\n"
        for line in expected)
    shown = like(shown).rstrip("\n") + "\n" if shown.strip() else ""
    if not re.fullmatch(pattern, shown):
        raise Stumble("\n".join(["the page shows:", *expected, "and the reader sees:", shown]))


def play(page, folder, environment):
    """Play one page; return what a reader stumbles over: "file:line: what", or None."""
    reader = Reader(folder, environment)
    number, what = 0, ""
    try:
        for event in events(page.read_text(encoding="utf-8")):
            number, kind, what, expected = event
            words = (what,) if kind in ("type", "say") else ()
            getattr(reader, kind)(*words, expected)
        left = [terminal.state for terminal in reader.terminals if terminal.state != IDLE]
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
