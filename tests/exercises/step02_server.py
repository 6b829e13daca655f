"""Further exercises of server."""

import socket

from tests.behaviours.kit import Blocked, Wrong
from tests.exercises import step

exercise = step("server")

server_name = exercise(
    "server-name", "A name of its own",
    "The header `Server` of each answer tells everybody which Python you run. "
    "Let it say `OwnFlask` and nothing else.",
)


@server_name("the header Server says OwnFlask and no more", before="Wrong: Server: BaseHTTP")
def server_says_its_name(client):
    for method in ("GET", "BREW"):
        said = client.send(method, "/").headers.get("Server", "")
        if said.strip() != "OwnFlask":
            raise Wrong(f"{method} /", f"Server: {said}", "Server: OwnFlask")


silent_client = exercise(
    "silent-client", "Hang up on silence",
    "A client that connects and sends nothing keeps all others waiting. "
    "Let the server close a connection from which nothing has come for half a second, "
    "and go on with the next client.",
)


@silent_client("a client that says nothing is hung up on", before="Blocked")
def silence_ends_the_connection(client):
    with client.silence() as silent:
        silent.settimeout(client.patience)
        try:
            came = silent.recv(100)
        except ConnectionError:
            came = b""
        except TimeoutError:
            raise Blocked("a connection that says nothing",
                          f"it is still open after {client.patience:g} s",
                          "it is closed after half a second")
    if came:
        raise Wrong("a connection that says nothing", repr(came), "it is closed without a word")
    client.get("/")


browser = exercise(
    "browser", "Open the page",
    "Let `app.run(browser=True)` open the page with `webbrowser.open`, as soon as a browser can "
    "connect. It gets the address that `run` prints: with `port=0`, that has the free port in it. "
    "Without `browser=True`, no page is opened.",
)

# A browser that looks whether somebody listens, and tells the test the address.
BROWSER = """
import socket
import webbrowser
from urllib.parse import urlsplit
from ownflask import Flask

class Browser(webbrowser.BaseBrowser):
    def open(self, url, new=0, autoraise=True):
        address = urlsplit(url)
        socket.create_connection((address.hostname, address.port)).close()
        with socket.create_connection(("127.0.0.1", PORT)) as test:
            test.sendall(url.encode())
        return True

webbrowser.register("test", None, Browser("test"), preferred=True)
app = Flask(__name__)
"""


def opened(program, run, wait=None):
    """Run BROWSER and the line RUN; return the address printed, and the one opened or None.

    wait: seconds in the place of the patience.
    """
    with socket.create_server(("127.0.0.1", 0)) as test:
        source = BROWSER.replace("PORT", str(test.getsockname()[1])) + run
        with program.serving(source) as client:
            client.get("/")
            test.settimeout(wait or client.patience)
            try:
                connection = test.accept()[0]
            except TimeoutError:
                return client.server.url, None
            with connection, connection.makefile(encoding="utf-8") as file:
                return client.server.url, file.read()


@browser("run(browser=True) opens the address that it prints", before="NoServer: TypeError")
def page_is_opened(program):
    printed, url = opened(program, "app.run(port=0, browser=True)")
    if url is None or url.rstrip("/") != printed:
        raise Wrong("app.run(browser=True)", f"it opened {url}", f"it opens {printed}")


@browser("run() opens no page")
def page_is_not_opened_unasked(program):
    printed, url = opened(program, "app.run(port=0)", wait=0.1)
    if url is not None:
        raise Wrong("app.run()", f"it opened {url}", "no page is opened")
