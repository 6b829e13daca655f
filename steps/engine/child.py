"""Run a script on the ownflask.py of a chosen folder, and on a chosen port.

    python3 steps/engine/child.py FRAMEWORK SCRIPT PORT [ARGUMENT ...]

FRAMEWORK is the folder that holds the ownflask.py, or "flask" for the real one. PORT takes
the place of the port that the script gives to app.run; "-" leaves it alone. The script
stays as its reader sees it: `from ownflask import Flask`, and a plain `app.run()`.
"""

import builtins
import contextlib
import faulthandler
import os
import runpy
import signal
import socket
import sys


def serve(framework, script, port=None):
    """Run the file SCRIPT as `python3 SCRIPT` would. framework, script: str; port: int or None."""
    if framework == "flask":
        import flask as ownflask

        sys.modules["ownflask"] = ownflask
    else:
        sys.path.insert(0, framework)
        import ownflask
    if port is not None:
        use_port(ownflask.Flask, port)
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

    inspect.signature() tells the same, but is slow to import, once for each program.
    """
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    return code.co_varnames[:code.co_argcount + code.co_kwonlyargcount] if code else ()


def send_the_buffer():
    """Print what stands in the buffer of stdout, between two lines that say so."""
    for stream in {sys.stdout, sys.__stdout__}:
        with contextlib.suppress(Exception):
            os.write(1, b"\n<buffer>\n")
            stream.flush()
            os.write(1, b"\n</buffer>\n")


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
    serve(framework, script, None if port == "-" else int(port))
