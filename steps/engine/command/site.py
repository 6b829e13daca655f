"""Build the site from the pages in docs/, and serve it on this machine.

  site              build it, and serve it until Ctrl-C
  site --build      only build it, into docs/_build/html
  site --port 8080  on another port (0: a free one)

The first time this adds Sphinx to .venv.
"""

import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from steps import ROOT
from steps.engine.command import Trouble, venv
from steps.engine.command.run import read_port

HTML = ROOT / "docs" / "_build" / "html"


def takes(parser):
    """Declare --build and --port."""
    parser.add_argument("--build", action="store_true", help="only build it")
    parser.add_argument("--port", default="8001", help="the port to serve at (8001)")


def call(options):
    """Build, serve until Ctrl-C, and return 0. Raises Trouble where either cannot be done."""
    port = read_port(options.port)
    if options.build:
        build(venv.ready("site"))
        print(f"The site is in {HTML.relative_to(ROOT)}.")
        return 0
    handler = partial(SimpleHTTPRequestHandler, directory=HTML)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise Trouble(f"Cannot listen on 127.0.0.1:{port}: {error.strerror}. "
                      "--port 0 takes a free port.")
    with server:
        build(venv.ready("site"))
        print(f"Running on http://127.0.0.1:{server.server_port} (Ctrl-C stops it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
    return 0


def build(python, to=HTML):
    """Build the site with the environment's Sphinx. Raises Trouble, with what it said."""
    print("Building the site ...", flush=True)
    done = subprocess.run(
        [python, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going",
         "--builder=html", "--jobs=auto", f"--doctree-dir={to.parent / 'doctrees'}",
         "docs", str(to)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if done.returncode:
        raise Trouble(f"the site cannot be built:\n{done.stdout.strip()}")
