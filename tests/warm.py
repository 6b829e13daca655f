"""A warm Python: it has imported what most programs import, and forks for each one it shall run.

    process = warm.popen([sys.executable, "-I", "-B", "-S", str(CHILD), ...], stdout=log, ...)

popen() is subprocess.Popen for those who only wait and send signals; run() is subprocess.run for
those who want the output as text. To import http.server or Flask costs several times the CPU of a
fork (`test --all tests/test_warm.py` measures it). The program is a process of its own all the
same, forked from one that has run nothing else: its folder, environment, arguments, signals,
output and modules are those of a plain start, except that MODULES (and what is imported anyway by
the app of the behaviours, and by real Flask) are in sys.modules already.
What cannot be started in this way, and everything on another system than Linux, is started plainly.
"""

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading

MODULES = (
    "argparse", "ast", "dataclasses", "difflib", "email.parser", "faulthandler", "http.client",
    "http.server", "json", "secrets", "shutil", "subprocess", "tempfile", "threading", "tomllib",
    "urllib.parse",
)       # not wsgiref: it keeps the environment that it finds when it is imported
PLAIN = ("-I", "-B", "-S")                      # the flags that steps.launch() gives to a step,
FLASK = ("-I", "-B")                            # to real Flask,
COMMAND = ("-B",)                               # and that `python3 -B -m steps` has
WIDTH = 16      # bytes of a number that is told over a connection

LINUX = sys.platform.startswith("linux")        # elsewhere a fork may meet threads of the system
warm = {}       # (flags, modules) -> (socket to the Python that was started with them, process)
forks = 0       # programs that have been started


# --- on this side: the tests

def popen(command, stdin=None, stdout=None, stderr=None, cwd=None, env=None,
          start_new_session=False):
    """Start COMMAND as subprocess.Popen does, warm where that is possible: its output to files."""
    kind = None if start_new_session or settings(env) != settings(None) else kind_of(command)
    if kind is None:
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd,
                                env=env, start_new_session=start_new_session)
    words = [str(word) for word in command[1 + len(kind[0]):]]
    return Forked(kind, words, stdout, stderr, cwd, env)


def run(command, timeout, cwd=None, env=None):
    """Run COMMAND to its end, without input; return the subprocess.CompletedProcess, with text."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = popen(command, subprocess.DEVNULL, out, err, cwd, env)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return subprocess.CompletedProcess(command, process.returncode, read(out), read(err))


def read(file):
    """Return what was written into a file, as text."""
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def kind_of(command):
    """Return (flags, modules) of the warm Python that can run a command, None where none can.

    modules: those that it imports besides MODULES.
    """
    for flags in (PLAIN, FLASK, COMMAND) if LINUX else ():
        program, words = [sys.executable, *flags], command[1 + len(flags):]
        if command[:len(program)] != program:
            continue
        if flags == COMMAND:
            return (flags, ()) if words[:2] == ["-m", "steps"] else None
        if str(words[0]).endswith("child.py"):
            # The app of the behaviours is a program that imports these.
            ours = ("tests.behaviours",) if str(words[2]).endswith("behaviours/app.py") else ()
            return flags, (("flask",) if words[1] == "flask" else ()) + ours
    return None


def settings(environment):
    """Return the variables that Python reads only when it starts."""
    environment = os.environ if environment is None else environment
    return {name: value for name, value in environment.items()
            if name.startswith(("PYTHON", "LC_")) or name == "LANG"}


def control(kind):
    """Return the socket to the warm Python of that kind, which is started when first needed."""
    if kind not in warm:
        flags, modules = kind
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen([sys.executable, *flags, __file__, *modules],
                                       stdin=theirs, stdout=subprocess.DEVNULL)
        warm[kind] = ours, process
    return warm[kind][0]


@atexit.register
def stop(*kinds):
    """End the warm Pythons, or those of a kind; os.times() knows then what they have used."""
    for kind in kinds or list(warm):
        ours, process = warm.pop(kind)
        ours.close()
        process.wait()


class Forked:
    """A program that a warm Python runs, with the part of subprocess.Popen that is needed here."""

    def __init__(self, kind, words, stdout, stderr, cwd, env):
        global forks
        self.args, self.returncode = words, None
        environment = os.environ if env is None else env
        request = {"words": words, "cwd": str(cwd or os.getcwd()), "env": dict(environment)}
        pid = self._ask(kind, request, stdout, stderr)
        if not pid:         # whatever has ended it: the next program gets a new one
            stop(kind)
            pid = self._ask(kind, request, stdout, stderr)
        if not pid:
            raise OSError(f"a warm Python with {kind[1]} ends at once")
        self.pid = int(pid)
        forks += 1

    def _ask(self, kind, request, stdout, stderr):
        """Ask for the program; return its process id, b"" where the warm Python has ended."""
        self._connection, theirs = socket.socketpair()
        try:
            with theirs:
                files = [theirs.fileno(), stdout.fileno(), stderr.fileno()]
                socket.send_fds(control(kind), [b"."], files)
            self._connection.sendall(json.dumps(request).encode() + b"\n")
            return self._connection.recv(WIDTH)
        except (BrokenPipeError, ConnectionResetError):
            return b""

    def poll(self):
        """Return the exit code, None while the program runs."""
        return self._read(0)

    def wait(self, timeout=None):
        """Return the exit code once the program has ended; raise subprocess.TimeoutExpired."""
        if self._read(timeout) is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode

    def _read(self, seconds):
        if self.returncode is None:
            self._connection.settimeout(seconds)
            with contextlib.suppress(BlockingIOError, TimeoutError):
                # Nothing: whoever waits for it has been killed, as by a Ctrl-C for all of us.
                self.returncode = int(self._connection.recv(WIDTH) or -signal.SIGKILL)
                self._connection.close()
        return self.returncode

    def send_signal(self, number):
        """Send a signal to the program, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self):
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self):
        """End it."""
        self.send_signal(signal.SIGKILL)


# --- on that side: the warm Python, and what becomes of it

def serve():
    """Fork for each program that is asked for; return, in the fork, what was asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # Ctrl-C ends the tests, and they us
    channel, (bell, ring) = socket.socket(fileno=os.dup(0)), os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring)
    signal.signal(signal.SIGCHLD, lambda *signal: None)
    running = {}        # process id -> the socket to whoever wants to know how it ends
    while True:
        ready, *_ = select.select([channel, bell], [], [])
        if bell in ready:
            os.read(bell, 4096)
            tell_who_ended(running)
        if channel not in ready:
            continue
        _, files, *_ = socket.recv_fds(channel, 1, 3)
        if not files:
            tell_who_ended(running)
            sys.exit()
        connection, (stdout, stderr) = socket.socket(fileno=files[0]), files[1:]
        request = json.loads(connection.makefile("rb").readline())
        pid = os.fork()
        if pid == 0:
            break
        connection.sendall(str(pid).encode().ljust(WIDTH))
        running[pid] = connection
        os.close(stdout)
        os.close(stderr)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(os.devnull) as nothing:
        for file, number in ((nothing.fileno(), 0), (stdout, 1), (stderr, 2)):
            os.dup2(file, number)
    for each in (channel, connection, *running.values()):
        each.close()
    for file in (stdout, stderr, bell, ring):
        os.close(file)
    return request


def tell_who_ended(running):
    """Tell those who wait for a program that has ended its exit code."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            with running.pop(ended[0]) as connection, contextlib.suppress(OSError):
                code = os.waitstatus_to_exitcode(ended[1])
                connection.sendall(str(code).encode().ljust(WIDTH))


def become(words, cwd, env):
    """Run the program and end as Python does, but leave it to the system to tidy the memory up."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    code = 0
    try:
        if words[0] == "-m":
            sys.path.insert(0, cwd)
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as exit:
        code = exit.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    if not isinstance(code, int | None):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()       # as multiprocessing does: waits for all threads but daemons
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    if code == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(code or 0)


if __name__ == "__main__":
    if not sys.flags.isolated:
        del sys.path[0]         # the folder of this file
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for name in (*MODULES, *sys.argv[1:]):
        importlib.import_module(name)
    del sys.path[0]
    become(**serve())
