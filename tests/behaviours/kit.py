"""What a behaviour is tried with: a small HTTP client, a way to run a program, and failures.

Standard library only, so that a behaviour runs in pytest, in the `check` command and in a
page alike. A failure always says what was asked, what came back and what was expected.
"""

import contextlib
import http.client
import json
import re
import secrets
import socket
import threading
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import steps
from steps.engine.scratch import scratch

TIMEOUT = 5.0      # seconds of patience; only a server that hangs ever uses them up
LOOK = 0.05         # seconds between two looks at whether the patience is over
NOISE = ("host", "connection")      # headers that every request has
LARGEST = 32 << 20  # bytes in an answer; no behaviour asks for more
MOST = 4000         # letters of what came back; there are some who read all of it
ERROR_LINE = re.compile(r"[A-Za-z_][\w.<>]*(: |$)")    # "KeyError: 'a'", "__main__.Oops"
NOT_GIVEN = object()


class Failure(Exception):
    """A behaviour does not hold.

    asked, got, expected: str, each a part of a sentence: "GET /nope", "404 Not Found".
    printed: what the program under test printed about it, or where its threads were.
    program: the source of the small program that was run, "" where none was. differs: of an
    answer, the parts that were not as expected, such as "status", "text", "Content-Type".
    """

    program = ""
    differs = ()

    def __init__(self, asked, got, expected, printed=""):
        got = got if len(got) < MOST else f"{got[:MOST // 2]} ... {got[-MOST // 2:]}"
        super().__init__(asked, got, expected)
        self.asked, self.got, self.expected, self.printed = asked, got, expected, printed

    def __str__(self):
        return f"asked: {self.asked}\ncame back: {self.got}\nexpected: {self.expected}"

    def is_named(self, name):
        """Say whether NAME is this failure: its kind, and after ": " words that came back."""
        kind, _, words = name.partition(": ")
        return kind == type(self).__name__ and words in self.got


class NoServer(Failure):
    """No URL was announced, or nothing listens there any more."""


class Dropped(Failure):
    """The server closed the connection without an answer."""


class Reset(Failure):
    """The connection broke without an answer, as it does when a program is killed."""


class Blocked(Failure):
    """No answer came, and the patience was over."""


class Crashed(Failure):
    """A program ended with an error."""


class Wrong(Failure):
    """An answer came, and another one was expected."""


class Reply:
    """An HTTP answer. status: int; reason, text: str; headers: any case; body: bytes."""

    def __init__(self, asked, response, error):
        self.asked, self.error = asked, error
        self.status, self.reason = response.status, response.reason
        self.headers, self.body = response.headers, response.read(LARGEST)
        if len(self.body) == LARGEST:
            raise Wrong(asked, f"more than {LARGEST >> 20} MB", "an answer that ends")
        if response.length:
            raise http.client.IncompleteRead(self.body, response.length)

    @property
    def text(self):
        """The body as UTF-8 text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        """The body parsed as JSON, or the text where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.text

    def __str__(self):
        return self.told()

    def told(self, names=()):
        """Return the reply in a line, with the headers of these names beside Content-Type."""
        kind = self.headers.get("Content-Type", "no Content-Type")
        fields = [f"{name}: {visible(self.headers[name])}" if name in self.headers
                  else f"no {name}" for name in names if name != "Content-Type"]
        error = f" (the server printed: {self.error})" if self.error else ""
        parts = [f"{self.status} {self.reason}", kind, *fields, shortened(self.text)]
        return ", ".join(parts) + error

    def expect(self, status=200, text=NOT_GIVEN, json=NOT_GIVEN, **headers):
        """Return self if all that is given here is so; raise Wrong if not.

        headers: content_type="application/json" stands for Content-Type, which is compared by
        what it means.
        """
        wanted, holds = [f"status {status}"], {"status": self.status == status}
        if text is not NOT_GIVEN:
            wanted.append(f"the text {text!r}")
            holds["text"] = self.text == text
        if json is not NOT_GIVEN:
            wanted.append(f"the JSON {json!r}")
            holds["JSON"] = self.json == json
        headers = {name.replace("_", "-").title(): value for name, value in headers.items()}
        for name, value in headers.items():
            wanted.append(f"{name}: {value}")
            means = media_type if name == "Content-Type" else str
            holds[name] = name in self.headers and means(self.headers[name]) == means(value)
        if not all(holds.values()):
            wrong = Wrong(self.asked, self.told(headers), ", ".join(wanted))
            wrong.differs = tuple(name for name in holds if not holds[name])
            raise wrong
        return self

    def wrong(self, expected):
        """Return the Wrong to raise when EXPECTED, in words, is not what came back."""
        names = dict.fromkeys([*self.headers, "Allow"])
        return Wrong(self.asked, self.told([name for name in names if name in expected]), expected)


def media_type(value):
    """Return what a Content-Type means: two that are written differently may mean the same.

    See RFC 9110, section 8.3.1. That JSON has no charset says RFC 8259, section 11.
    """
    message = Message()
    message["Content-Type"] = value
    kind, *parameters = message.get_params([("", "")])
    if kind[0].lower() == "application/json":
        parameters = []
    return kind[0].lower(), {name.lower(): text.lower() for name, text in parameters}


def visible(text):
    """Return a text so that every letter of it can be seen: as it is, or as Python writes it."""
    return text if text and text.isprintable() and text == text.strip() else repr(text)


def shortened(text):
    """Return a text as Python writes it, the end of a long one left out."""
    return repr(text if len(text) < 80 else text[:75] + " ...")


def told(request):
    """Return a request, bytes, in a line: what is asked, the headers that matter, the body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    said = visible(first.removesuffix(" HTTP/1.1"))
    fields = [field.partition(":") for field in fields]
    parts = [f"{visible(name)}: {visible(value.removeprefix(' '))}"
             for name, _, value in fields if name.lower() not in NOISE]
    if body:
        parts.append(f"the body {shortened(body.decode('utf-8', 'backslashreplace'))}")
    return f"{said} with {' and '.join(parts)}" if parts else said


class Client:
    """Speaks HTTP/1.1 with one server, over a new connection for each request.

    patience: how many seconds it waits for an answer, by the server's own time.
    """

    def __init__(self, server, patience=TIMEOUT):
        self.server, self.port, self.patience = server, server.port, patience

    def get(self, path, **options):
        """GET path; the options are those of send()."""
        return self.send("GET", path, **options)

    def post(self, path, body=b"", **options):
        """POST body, bytes, to path; the options are those of send()."""
        return self.send("POST", path, body, **options)

    def send(self, method, path, body=None, headers=(), timeout=None):
        """Send one request and return its Reply; timeout: seconds in the place of patience.

        path: str, percent-encoded. body: bytes or None. headers: pairs of str.
        Raises Dropped, Blocked, NoServer, or Wrong if the answer is not HTTP.
        """
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return self._exchange(method, head + (body or b""), False, timeout)

    def raw(self, request, half_close=False, timeout=None):
        """Send these bytes as they are and return the Reply; half_close: then send no more."""
        return self._exchange(request.split()[0].decode(), request, half_close, timeout)

    def wire(self, request):
        """Send these bytes and return all bytes that come back until the connection closes."""
        asked = told(request)
        with self._errors(asked), self._connect() as connection, \
                self._no_longer_than(self.patience, connection, asked):
            connection.sendall(request)
            return connection.makefile("rb").read(LARGEST)

    def silence(self):
        """Return an open connection that says nothing; use it in a `with`."""
        with self._errors("a connection"):
            return self._connect()

    def together(self, *paths):
        """GET all paths at the same time; return the replies in that order."""
        results = {}

        def get(path):
            try:
                results[path] = self.get(path)
            except Exception as error:
                results[path] = error

        threads = [threading.Thread(target=get, args=[path]) for path in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for path in paths:
            if isinstance(results[path], Exception):
                raise results[path]
        return [results[path] for path in paths]

    def expect_dropped(self, path):
        """Return if GET path is dropped without an answer and the server lives on."""
        try:
            reply = self.get(path)
        except Dropped:
            self.get("/")
            return
        raise reply.wrong("the connection closed without an answer")

    def _connect(self, seconds=None):
        patience = self.server.patience(seconds or self.patience)
        while True:
            try:
                # Where the queue is full nothing comes back, and the clock says nothing.
                connection = socket.create_connection(("127.0.0.1", self.port), 1)
                connection.settimeout(None)
                return connection
            except TimeoutError:
                if patience.is_over():
                    raise

    def _exchange(self, method, request, half_close, timeout):
        asked, printed = told(request), len(self.server.log())
        seconds = timeout or self.patience
        with self._errors(asked, printed), self._connect(seconds) as connection, \
                self._no_longer_than(seconds, connection, asked) as came:
            try:
                connection.sendall(request)
            except (BrokenPipeError, ConnectionResetError):
                pass        # refused before all of it was sent: the answer says why
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            with http.client.HTTPResponse(connection, method=method) as response:
                response.begin()
                came.append(response.status)
                return Reply(asked, response, self._printed_error(printed))

    @contextmanager
    def _no_longer_than(self, seconds, connection, asked):
        """Hang up when the patience of SECONDS is over, and raise Blocked.

        A `with` gives a list, for what has come so far.
        """
        patience, came = self.server.patience(seconds), []
        done, where = threading.Event(), []

        def watch():
            try:
                while not done.wait(LOOK):
                    if patience.is_over():
                        where.append(self.server.stack())       # before it notices
                        break
            finally:
                # Whatever comes between, nobody waits without an end.
                if not done.is_set():
                    where.append("")
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield came
        except (OSError, http.client.HTTPException, Failure):
            done.set()
            watching.join()     # it may be asking where the threads are, and the program end by it
            if not where:
                raise
        finally:
            done.set()
            watching.join()
        if where:
            got = "an answer that does not come to its end" if came else "nothing"
            how = patience.tells()
            raise Blocked(asked, f"{got}, and the time was up{how and f': {how}'}", "an answer",
                          where[0])

    def _printed_error(self, since):
        return last_error(self.server.log()[since:])

    @contextmanager
    def _errors(self, asked, printed=0):
        try:
            yield
        except http.client.RemoteDisconnected:
            why = self._printed_error(printed) or "the server printed no error"
            got = f"nothing, the connection was closed ({why})"
            raise Dropped(asked, got, "an answer") from None
        except http.client.HTTPException as error:
            raise Wrong(asked, f"no valid HTTP: {error!r}", "an HTTP answer") from None
        except TimeoutError:
            raise Blocked(asked, "no connection, and the time was up", "an answer",
                          self.server.stack()) from None
        except ConnectionRefusedError:
            raise NoServer(asked, "nobody listens where it said", "an answer") from None
        except ConnectionError:
            raise Reset(asked, "nothing, the connection broke", "an answer") from None


def last_error(log):
    """Return the line that ends the last whole traceback in a log, or "".

    Threads may write at the same time: another's lines can stand in the midst of a traceback.
    """
    _, *tracebacks = log.split("Traceback (most recent call last):")
    for traceback in reversed(tracebacks):
        for line in traceback.splitlines()[1:]:
            if ERROR_LINE.match(line):
                return line
    return ""


class Finished:
    """A program that ran to its end. code: its exit code; out: all that it printed."""

    def __init__(self, code, out):
        self.code, self.out = code, out

    def expect(self, out=NOT_GIVEN):
        """Return self if the program ended well (and printed OUT); raise Crashed or Wrong."""
        if self.code != 0:
            lines = self.out.strip().splitlines() or ["nothing"]
            why = last_error(self.out) or lines[-1]
            raise Crashed("a small program", f"exit code {self.code}: {why}", "exit code 0")
        if out is not NOT_GIVEN and self.out != out:
            raise Wrong("a small program", f"it printed {self.out!r}", f"it prints {out!r}")
        return self


class Program:
    """Runs small programs, each in a process and an empty folder of its own.

    wait: how many seconds one has to end or to announce a URL, by its own time; patience: how
    many it has for an answer; limits, popen: see steps.Server.
    source, printed: the last one's source, and all that it printed.
    """

    def __init__(self, framework, wait=10.0, patience=TIMEOUT, limits=None, popen=None):
        self.framework, self.wait, self.patience = framework, wait, patience
        self.limits, self.popen = limits, popen
        self.source = self.printed = ""

    def __call__(self, source, port=None):
        """Run the program to its end and return it Finished; raise Wrong if it serves.

        port: what app.run() listens on in the place of its own choice, None to leave it.
        Raises Crashed for a program that says it ended well before its last line, or did not
        mind its assertions.
        """
        shown = source
        # The last word is printed neither by a program that was cut short, by os._exit(0) for one,
        # nor where an assertion that fails is passed over; and it stands nowhere to be read.
        low, high = sorted(secrets.randbelow(10 ** 9) + number for number in (0, 10 ** 9))
        last_word = f"the end {low + high}\n"
        source += f"""
the_end = [{low}, {high}]
try:
    assert the_end[0] > the_end[1]
except AssertionError:
    print("the end", sum(the_end), flush=True)
"""
        with scratch() as folder:
            server = self._start(folder, source, port, ends=True, shown=shown)
            with server:
                if server.url:
                    self.printed = server.log()
                    raise Wrong("a small program", f"it serves: {self.printed.strip()}", "it ends")
            self.printed = out = server.log()
            if server.process.returncode == 0 and last_word not in out:
                raise Crashed("a small program", "it ended before its last line", "it runs on")
            return Finished(server.process.returncode, out.replace(last_word, ""))

    @contextmanager
    def serving(self, source, port=None, at=None):
        """Run a program that announces a URL; a `with` gives its Client. Raises NoServer.

        port: what app.run() listens on in the place of its own choice, None to leave it. at: see
        steps.Server.
        """
        with scratch() as folder:
            with self._start(folder, source, port, at=at) as server:
                try:
                    yield Client(server, self.patience)
                except Failure:
                    self.printed = server.log()
                    raise

    def _start(self, folder, source, port=None, ends=False, shown=None, at=None):
        script = Path(folder, "program.py")
        self.source = (shown or source).strip()
        script.write_text(source, encoding="utf-8")
        try:
            return steps.launch(self.framework, script, port=port, cwd=folder, or_ended=ends,
                                wait=self.wait, limits=self.limits, at=at, popen=self.popen)
        except steps.NotServing as error:
            self.printed = error.log
            if ends:
                raise Blocked("a small program", f"it goes on for {self.wait:g} s", "it ends")
            wanted = f"a server at port {at}" if at else "a URL"
            raise NoServer("a small program that calls app.run()", str(error), wanted)
