"""Run a script on the ownflask.py of a chosen folder, and on a chosen port.

    python3 steps/engine/child.py FRAMEWORK SCRIPT PORT [ARGUMENT ...]

FRAMEWORK is the folder that holds the ownflask.py, or "flask" for the real one. PORT takes
the place of the port that the script gives to app.run; "-" leaves it alone. The script
stays as its reader sees it: `from ownflask import Flask`, and a plain `app.run()`.

    python3 steps/engine/child.py FRAMEWORK "" NUMBER

FRAMEWORK is imported once, and a fork runs each script that is asked for at the socket NUMBER.
"""

import builtins
import contextlib
import faulthandler
import gc
import marshal
import os
import runpy
import signal
import socket
import sys

# What an import asks about its own process, and what it does to files or to memory that is shared
# (audit events of Python): each program may find another answer, or what the one before left.
OWN = "getcwd", "getpid", "getppid"
LASTING = {"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink",
           "os.truncate", "sqlite3.connect", "mmap.__new__"}


def serve(framework, script, port=None):
    """Run the file SCRIPT as `python3 SCRIPT` would. framework, script: str; port: int or None."""
    load(framework)
    run(script, port)


def load(framework):
    """Import the framework, and leave its folder where its scripts find it."""
    if framework == "flask":
        import flask as ownflask

        sys.modules["ownflask"] = ownflask
    else:
        sys.path.insert(0, framework)
        import ownflask


def run(script, port):
    """Run the file SCRIPT on the framework that was imported."""
    if port is not None:
        use_port(sys.modules["ownflask"].Flask, port)
    runpy.run_path(script, run_name="__main__")


def use_port(flask_class, port):
    """Make app.run() listen on PORT, whatever the app asks for; a run() without ports stays."""
    run = getattr(flask_class, "run", None)
    names = parameters(run)
    if "port" not in names:
        return

    def run_on_port(self, *arguments, **options):
        options["port"] = port
        return run(self, *arguments[:names.index("port") - 1], **options)

    flask_class.run = run_on_port


def parameters(function):
    """Return the names of a function's parameters, () for what is no function.

    Where it takes *anything, **and_more, a host and a port may be among them.
    inspect.signature() tells the same, but is slow to import, once for each program.
    """
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if not code:
        return ()
    names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    takes_anything = code.co_flags & 12 == 12       # inspect.CO_VARARGS and CO_VARKEYWORDS
    return (*names, "host", "port") if takes_anything and len(names) == 1 else names


def send_the_buffer():
    """Print what stands in the buffer of stdout, between two lines that say so."""
    for stream in {sys.stdout, sys.__stdout__}:
        os.write(1, b"\n<buffer>\n")
        with contextlib.suppress(Exception):    # closed, or no stream at all
            stream.flush()
        os.write(1, b"\n</buffer>\n")


def state():
    """Return what an import may change that a fork does not take along, or shares with others."""
    if sys.platform != "linux":
        return None
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
        return None     # it has a child, which is none of a fork's
    files = [(file.st_dev, file.st_ino, file.st_size) for file in map(os.fstat, range(3))]
    return (os.getpid(), os.getcwd(), files, signal.getsignal(signal.SIGCHLD),
            signal.getitimer(signal.ITIMER_REAL), os.listdir("/proc/self/fd"),
            os.listdir("/proc/self/task"))


def fork_for(framework, number):
    """Import the framework and return, in each fork, its words; end where a fork would not do."""
    before, seen, own = state(), [], {name: getattr(os, name) for name in OWN}

    def hook(event, words):
        if event in LASTING or event == "open" and words[2] & (os.O_WRONLY | os.O_RDWR):
            seen.append(event)

    def told(name):
        return lambda: seen.append(name) or own[name]()

    sys.addaudithook(hook)
    for name in OWN:
        setattr(os, name, told(name))
    load(framework)
    for name in OWN:
        setattr(os, name, own[name])
    if before is None or seen or state() != before:
        os._exit(1)
    return forked(number)


def forked(number):
    """Fork for each program that is asked for at socket NUMBER; return, in the fork, its words.

    The fork has the output, the folder and the environment that were asked for.
    """
    if sys.platform != "linux":
        raise OSError("only on Linux it is sure that no thread of the system is there")
    gc.freeze()     # or each fork would look at all of it when it ends
    channel = socket.socket(fileno=number)
    while True:
        request, files, *_ = socket.recv_fds(channel, 1 << 20, 3)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not files:
            os._exit(0)
        if not os.fork():
            break
        for file in files:
            os.close(file)
    connection = socket.socket(fileno=files[0])
    if pid := os.fork():        # between the two: it tells how the program has ended
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with contextlib.suppress(OSError):
            connection.send(str(code).encode())
        os._exit(0)
    words, cwd, environment, new_session = marshal.loads(request)
    if new_session:
        os.setsid()
    connection.send(str(os.getpid()).encode())
    if not connection.recv(1):
        os._exit(1)
    connection.close()
    channel.close()
    for number, file in enumerate(files[1:], 1):
        os.dup2(file, number)
        os.close(file)
    os.chdir(cwd)
    if "PWD" in os.environ:
        os.environ["PWD"] = cwd     # as the shell does that starts a program plainly
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    return words


if __name__ == "__main__":
    # A shell starts background jobs deaf to Ctrl-C; this one shall hear it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR1)       # so that whoever waits can ask where it is
        signal.signal(signal.SIGUSR2, lambda *_: send_the_buffer())
    # -S leaves these two out, and a plain python3 has them.
    builtins.exit = builtins.quit = sys.exit
    # http.server asks for its own name; on some machines the answer takes half a minute.
    socket.getfqdn = lambda name="": name
    framework, script, port, *sys.argv[1:] = sys.argv[1:]
    if script:
        load(framework)
    else:
        script, port, *sys.argv[1:] = fork_for(framework, int(port))
    run(script, None if port == "-" else int(port))
