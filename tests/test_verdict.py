"""What a verdict says: what comes first, one cause once, and every letter that decides."""

import contextlib
import errno
import itertools
import os
import subprocess
import sys

import pytest

import steps
from steps.engine import child
from steps.engine.command import check, grader, judge, start, verdict
from steps.engine.command.mine import FRAMEWORK
from steps.engine.limits import Limits
from tests.behaviours import APP, BEHAVIOURS, Bench
from tests.behaviours.kit import (
    Blocked,
    Dropped,
    Failure,
    NoServer,
    Wrong,
    last_error,
    media_type,
    told,
)

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def ours(step, *edits):
    """Return the text of our framework at a step, with edits (old, new)."""
    text = (steps.find(step).folder / FRAMEWORK).read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def judged(tmp_path):
    """A function (step, text, names) -> Results of the behaviours of these names, in order.

    Its line(result) is the text of the line that a Result names.
    """
    def judge_it(step, text, *names):
        (tmp_path / FRAMEWORK).write_text(text, encoding="utf-8")
        behaviours = [BEHAVIOURS[name] for name in names] or None
        return list(judge.judge(tmp_path, steps.find(step).number, behaviours))

    judge_it.line = lambda result: verdict.line_of(tmp_path / FRAMEWORK, result.line)
    return judge_it


def failed(name, failure, line=None):
    """Return a Result: the behaviour of that name has ended in FAILURE."""
    return judge.Result(BEHAVIOURS[name], failure, line=line)


def dropped(asked, error, line=None):
    """Return what a failure of a view's look like, and its line."""
    got = f"nothing, the connection was closed ({error})"
    return {"failure": Dropped(asked, got, "an answer"), "line": line}


# --- what comes first

def test_failures_from_one_cause_are_told_once(tmp_path, capsys):
    results = [
        failed("query_reaches_the_view", **dropped("GET /greet", "KeyError: '/greet'", 3)),
        failed("blank_values_are_kept", **dropped("GET /greet?a=", "KeyError: '/greet?a='", 3)),
        failed("no_query_no_values", **dropped("GET /tags", "TypeError: tags()", 3)),
    ]
    code = verdict.print_failures(steps.find(4), tmp_path / FRAMEWORK, results, (), False)
    said = capsys.readouterr().out
    assert code == 1 and said.count("Not yet: ") == 1
    assert "Not yet: the query string reaches the view (2 fail in this way)" in said
    assert "1 more does not hold, in another way: " in said


def test_all_tells_each_cause_and_who_fails_from_it(tmp_path, capsys):
    results = [
        failed("query_reaches_the_view", **dropped("GET /greet", "KeyError: '/greet'", 3)),
        failed("blank_values_are_kept", **dropped("GET /greet?a=", "KeyError: '/greet?a='", 3)),
        failed("no_query_no_values", **dropped("GET /tags", "TypeError: tags()", 3)),
    ]
    verdict.print_failures(steps.find(4), tmp_path / FRAMEWORK, results, (), True)
    said = capsys.readouterr().out
    assert said.count("Not yet: ") == 2 and "the same:\n      a blank value is kept\n" in said


@pytest.mark.parametrize("name, where, hint", [
    ("blank_values_are_kept", "docs/04_query_params.md, 4.4 blank_values", "4.4"),
    ("get_runs_the_view", "what failed is from docs/03_routing.md, 3.2 ask_routes", "3.2"),
])
def test_the_hint_is_the_one_of_the_stage_where_what_fails_begins(tmp_path, capsys, name, where,
                                                                 hint):
    results = [failed(name, **dropped("GET /", "TypeError: view()"))]
    verdict.print_failures(steps.find(4), tmp_path / FRAMEWORK, results, (), False)
    said = capsys.readouterr().out
    assert f"{where}\n" in said and f"-m steps hint {hint}\n" in said


@pytest.mark.parametrize("name, where, other", [
    ("path_is_decoded", "; what failed is from docs/04_query_params.md, 4.5 decode_the_path",
     "4.5"),
    ("app_can_be_called", "", "9.1"),
])
def test_at_a_stage_the_hint_is_its_own_and_then_that_of_what_broke(tmp_path, capsys, name, where,
                                                                  other):
    results = [failed(name, **dropped("GET /", "TypeError: view()"))]
    verdict.print_failures(steps.find("9.7"), tmp_path / FRAMEWORK, results, (), False)
    said = capsys.readouterr().out
    assert f"docs/09_wsgi.md, 9.7 bytes_in_latin_1{where}\n" in said
    assert f"-m steps hint 9.7 (or {other}, where what failed is from)\n" in said


SAID = 'print(f"Running on http://{host}:{port} (Ctrl-C stops it)", flush=True)'


@posix_only
@pytest.mark.parametrize("step, edits, name, got", [
    (2, [("def run(self, host=\"127.0.0.1\", port=8000):",
          f"def run(self, host='127.0.0.1', port=8000):\n        {SAID}")],
     "default_address", "it says its URL before it has the port"),
    (2, [("raise SystemExit(", "raise SystemExit if port else SystemExit(")],
     "port_in_use_is_said_plainly", "exit code 0: "),
    (3, [('        self.send_header("Content-Length", str(len(body)))\n', ""),
         ("self.wfile.write(body)", "self.wfile.write(resp)")], "get_is_answered", "200 OK"),
    (4, [("self.qs =", "self.args =")], "query_reaches_the_view", "has no attribute 'qs'"),
])
def test_what_is_refused_is_called_by_its_name(judged, step, edits, name, got):
    [result] = judged(step, ours(step, *edits), name)
    assert got in result.failure.got


@posix_only
def test_a_view_that_is_dropped_is_no_mistake_of_ctrl_c(judged):
    [result] = judged(3, ours(3, ("resp.encode()", "resp.encode().oops")), "ctrl_c_ends_it_quietly")
    assert result.holds


def test_a_length_in_letters_is_no_mistake_of_an_unknown_path(judged):
    results = judged(3, ours(3, ("len(body)", "len(resp)")), "unknown_path_runs_no_view",
                     "length_counts_bytes")
    assert [each.holds for each in results] == [True, False]


def test_this_steps_own_comes_first(tmp_path):
    old = failed("get_runs_the_view", **dropped("GET /", "TypeError: hello()", 3))
    same = failed("dict_is_json", **dropped("GET /dict", "TypeError: a_dict()", 3))
    other = failed("list_is_json", Wrong("GET /list", "404 Not Found, ...", "status 200"))
    assert verdict.in_ways([old, same, other], 5) == [[same, old], [other]]
    assert verdict.in_ways([old, other], 5) == [[other], [old]]
    assert verdict.in_ways([old], 5) == [[old]]


def test_where_there_is_no_server_that_is_what_comes_first():
    silent = NoServer("app.run()", "it ended without a server, and said nothing", "a URL")
    names = "announces_its_url", "only_this_machine_can_connect", "get_runs_the_view"
    [way] = verdict.in_ways([failed(name, silent) for name in names], 3)
    assert [each.behaviour.name for each in way] == list(names)


def test_an_error_is_found_where_threads_write_at_the_same_time():
    cut = "-" * 40
    log = (f"{cut}\nException occurred during processing of request from ('127.0.0.1', 5)\n"
           "Traceback (most recent call last):\n"
           '  File "ownflask.py", line 5, in do_GET\n'
           f"{cut}\nException occurred during processing of request from ('127.0.0.1', 6)\n"
           '127.0.0.1 - - [01/Jan/2026 00:00:00] "GET / HTTP/1.1" 200 -\n'
           "    resp = view()\nmy.shop.Oops: sold out\n")
    assert last_error(log) == "my.shop.Oops: sold out"
    half = "Traceback (most recent call last):\n  File"
    assert last_error(log + half) == "my.shop.Oops: sold out"
    assert last_error(log.partition("my.shop")[0]) == ""


def test_replies_that_differ_in_one_header_are_one_cause():
    def wrong(body):
        failure = Wrong("GET /", f"200 OK, text/json, {body!r}", "status 200, Content-Type: ...")
        failure.differs = ("Content-Type",)
        return failure

    results = [failed("dict_is_json", wrong("{}")), failed("list_is_json", wrong("[]"))]
    assert len(verdict.in_ways(results, 5)) == 1


FIRST = {       # a step and what a learner of it forgets -> what they should hear first
    (4, "        self.method = method\n"): "the view sees the method and the path",
    (3, "            route_methods[path] = methods\n"): None,
    (3, '        self.send_header("Content-Length", str(len(body)))\n'):
        "Content-Length counts bytes, and accents arrive whole",
    (5, "            resp = json.dumps(resp, allow_nan=False)\n"): "a dict is sent as JSON",
    (7, "        self.end_headers()\n"): "a view for POST is not for GET",
}


@pytest.mark.all
@pytest.mark.parametrize("step, line", FIRST)
def test_what_is_forgotten_is_what_is_told_first(judged, step, line):
    results = judged(step, ours(step, (line, "")))
    ways = verdict.in_ways([each for each in results if each.failure], step)
    assert (ways[0][0].behaviour.sentence if ways else None) == FIRST[step, line]


@pytest.mark.all
@pytest.mark.parametrize("step", steps.STEPS[1:], ids=str)
def test_right_after_start_the_first_thing_told_is_the_steps_own(judged, step):
    results = judged(step, ours(steps.before(step)))
    first = verdict.in_ways([each for each in results if each.failure], step.number)[0][0]
    assert first.behaviour is next(each for each in judge.wanted(step.number)
                                   if each.since == step.number)


# --- every letter that decides

def test_a_request_is_told_with_its_headers_and_its_body():
    request = b"POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-A: b\r\n\r\nc\x00"
    assert told(request) == "POST /a with X-A: b and the body 'c\\x00'"
    assert told(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == "GET /"


@pytest.mark.parametrize("value, shown", [("3\x0b", r"'3\x0b'"), (" 3", "' 3'"), ("3\t", r"'3\t'"),
                                          ("", "''"), ("\xa03", r"'\xa03'"), ("3", "3")])
def test_a_header_shows_its_blanks_and_odd_letters(value, shown):
    request = f"GET / HTTP/1.1\r\nContent-Length: {value}\r\n\r\n".encode("latin-1")
    assert told(request) == f"GET / with Content-Length: {shown}"


def test_of_an_earlier_step_the_first_few_failures_are_listed_and_of_their_own_all(capsys):
    of_step = [each for each in BEHAVIOURS.values() if each.since == 6][:6]
    group = [judge.Result(each, Failure("GET /", "200", "400")) for each in of_step[1:]]
    group.insert(0, judge.Result(of_step[0]))
    for step, listed, rest in (6, of_step, 0), (7, of_step[1:4], 2):
        old = verdict.is_old(group[0], steps.find(step))
        verdict.print_group("a title", 10, group, every=False, first=True, old=old)
        said = capsys.readouterr().out
        assert [each for each in of_step if each.sentence in said] == listed
        assert (f"and {rest} more" in said) == bool(rest)


def test_blanks_and_odd_letters_reach_the_terminal(tmp_path, capsys):
    failure = Failure("GET /a\x0b", "'two  blanks' and \N{LINE SEPARATOR}", "\x1b[2J")
    verdict.print_failure(failed("dict_is_json", failure), tmp_path / FRAMEWORK)
    said = capsys.readouterr().out
    assert r"GET /a\x0b" in said and r"'two  blanks' and \u2028" in said and r"\x1b[2J" in said


def test_the_small_program_is_always_shown(tmp_path, capsys):
    failure = Failure("a small program", "exit code 1", "exit code 0")
    failure.program = "\n".join(f"line_{number}" for number in range(60))
    verdict.print_failure(failed("makes_an_app", failure), tmp_path / FRAMEWORK)
    said = capsys.readouterr().out
    assert "      line_0\n" in said and "      line_59\n" in said


@pytest.mark.parametrize("one, other, same", [
    ("text/html; charset=utf-8", "text/html;charset=utf-8", True),
    ("text/html; charset=utf-8", 'Text/HTML; Charset="UTF-8"', True),
    ("application/json", "application/json; charset=utf-8", True),
    ("text/html; charset=utf-8", "text/html", False),
    ("text/html; charset=utf-8", "text/html; charset=latin-1", False),
    ("application/json", "text/html; charset=utf-8", False),
    ("application/json", "", False), ("application/json", "json", False),
])
def test_media_types_are_compared_by_what_they_mean(one, other, same):
    assert (media_type(one) == media_type(other)) == same


# --- the line

ODD = {"form feed": "x = 1\n\x0cy = 2\nz\n", "line separator": "x = '\u2028'\ny = 2\nz\n",
       "file separator": "x = '\x1c'\ny = 2\nz\n", "old Mac": "x = 1\ry = 2\rz\r",
       "Windows": "x = 1\r\ny = 2\r\nz\r\n"}


@pytest.mark.parametrize("kind", ODD)
def test_lines_are_counted_as_python_counts_them(tmp_path, kind):
    (tmp_path / FRAMEWORK).write_bytes(ODD[kind].encode())
    assert verdict.line_of(tmp_path / FRAMEWORK, 3) == "z"


@pytest.mark.parametrize("text", [
    "# -*- coding: latin-1 -*-\nx = '\xe9'\n".encode("latin-1"),
    "\ufeffx = 1\nx = '\xe9'\n".encode(), "x = 1\nx = '\xe9'\n".encode(),
])
def test_a_line_is_read_in_the_encoding_that_the_file_names(tmp_path, text):
    (tmp_path / FRAMEWORK).write_bytes(text)
    assert verdict.line_of(tmp_path / FRAMEWORK, 2) == "x = '\xe9'"


@pytest.mark.parametrize("text", [b"# coding: nonsense\nx\n", b"# coding: utf-16\nx\n",
                                  b"# coding: undefined\nx\n", b"\xff\xfex\n", b"\xe9\n"])
def test_a_file_that_nobody_can_decode_has_lines_all_the_same(tmp_path, text):
    (tmp_path / FRAMEWORK).write_bytes(text)
    verdict.line_of(tmp_path / FRAMEWORK, 1)
    assert verdict.line_of(tmp_path / FRAMEWORK, 99) == verdict.line_of(tmp_path / "none", 1) == ""


def test_a_letter_that_no_editor_shows_is_shown_at_the_end_of_a_line(tmp_path):
    (tmp_path / FRAMEWORK).write_bytes(b"    x = 1\x0b\n")
    assert verdict.line_of(tmp_path / FRAMEWORK, 1) == r"x = 1\x0b"


@pytest.mark.parametrize("name", ['a"b', "caf\xe9", "a:b", "\U0001f600", "a" * 200 + "/" + "b" * 200
                                  + "/" + "c" * 200])
def test_the_line_is_found_in_a_folder_of_any_name(name):
    path = f"/{name}/{FRAMEWORK}"
    traceback = f'  File "{path}", line 12, in hello\n    x = "{path}", line 9'
    assert judge.line_in(path, traceback) == 12
    dumped = path.encode("ascii", "backslashreplace").decode()      # as faulthandler writes it
    dumped = dumped if len(dumped) <= 500 else f"{dumped[:500]}..."
    assert judge.line_in(path, f'  File "{dumped}", line 3 in hello\n', first=True) == 3
    assert judge.line_in(path, f'  File "/other/{FRAMEWORK}", line 3 in hello\n') is None


# --- what hangs, what waits in a buffer, what is slow

@posix_only
def test_a_line_in_a_buffer_is_found_and_said(judged):
    [result] = judged(2, ours(2, (", flush=True", "")), "announces_its_url")
    assert isinstance(result.failure, NoServer)
    assert "'Running on http://127.0.0.1:" in result.failure.got
    assert "stands in a buffer; print(..., flush=True)" in result.failure.got
    assert "print(" in judged.line(result)


def test_an_announcement_without_a_newline_is_one(judged):
    [result] = judged(2, ours(2, ("flush=True", "end='', flush=True")), "announces_its_url")
    assert result.holds


@posix_only
@pytest.mark.all
def test_one_hang_costs_its_own_patience_and_not_the_others(judged):
    naive = ours(6, ("if not (length.isascii() and length.isdigit() and len(length) < 10)",
                     "if not length"))
    results = judged(6, naive, "negative_length_is_400", "json_is_parsed", "get_runs_the_view")
    assert [each.holds for each in results] == [False, True, True]
    assert isinstance(results[0].failure, Blocked)
    assert judged.line(results[0]) == "body = stream.read(size)"
    if sys.platform.startswith("linux"):
        assert "it waited for" in results[0].failure.got


@posix_only
@pytest.mark.all
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_wait_ends_also_where_nobody_can_say_what_it_waited_for(judged, monkeypatch):
    def nothing_left(server):
        raise MemoryError

    monkeypatch.setattr(steps.Server, "stack", nothing_left)
    monkeypatch.setattr(judge, "ANSWER", 1.0)
    slow = ours(3, ("        resp = routes[self.path]()", "        __import__('time').sleep(60)"))
    [result] = judged(3, slow, "get_runs_the_view")
    assert isinstance(result.failure, Blocked)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it needs /proc")
def test_a_thread_takes_its_stack_of_the_memory_and_not_much_more():
    source = """
import re, threading
threading.stack_size(1 << 20)
together = threading.Barrier(41)
def work():
    bytearray(1000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(40)]
for thread in threads:
    thread.start()
print(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read())[1])
together.wait()
"""
    done = subprocess.run(Limits(memory=4 << 30).around([sys.executable, "-I", "-c", source]),
                          capture_output=True, text=True, check=True)
    assert int(done.stdout) < 400 << 10     # KiB


@pytest.mark.all
@posix_only
def test_where_nothing_answers_any_more_the_rest_is_not_waited_for(judged):
    results = judged(3, ours(3, ("        resp = routes[self.path]()",
                                 "        while True: pass")))
    assert all(isinstance(each.failure, Blocked) for each in results
               if each.behaviour.since == 3)
    assert {each.line for each in results if each.failure} == {results[-1].line}
    if sys.platform.startswith("linux"):
        assert "it computed for" in results[-1].failure.got


def test_a_file_that_is_saved_broken_or_goes_away_meanwhile_does_no_harm(tmp_path):
    path = tmp_path / FRAMEWORK
    path.write_text(ours(1))
    names = ["listens_where_it_is_told"] * 3    # a TypeError, whose line is looked for
    results = judge.judge(tmp_path, 2, [BEHAVIOURS[name] for name in names])
    assert next(results).line
    path.write_text("def run(self")
    assert next(results).failure
    path.unlink()
    assert next(results).failure


@pytest.mark.parametrize("before", [0, 2])
def test_what_is_saved_again_meanwhile_is_told_no_further(tmp_path, capsys, before):
    path = tmp_path / FRAMEWORK
    path.write_text(ours(1))
    looks = itertools.chain([False] * before, itertools.repeat(True))
    assert verdict.tell(steps.find(1), path, changed=lambda: next(looks)) == 1
    said = capsys.readouterr().out
    assert said.endswith("(It was saved again meanwhile.)\n") and said.count("\n") == 2


def test_what_computes_beyond_its_budget_is_not_tried_further(tmp_path):
    (tmp_path / FRAMEWORK).write_text(ours(1))
    results = list(judge.judge(tmp_path, 1, seconds=-1))
    assert [each.untried for each in results] == [judge.LATE] * len(results)


@pytest.mark.parametrize("error", [
    BlockingIOError(errno.EAGAIN, "no process"), OSError(errno.EMFILE, "no file"),
    RuntimeError("can't start new thread")])
def test_what_the_judge_itself_is_short_of_is_nobody_elses_fault(
        tmp_path, monkeypatch, capsys, error):
    def short(bench, behaviour):
        raise error

    monkeypatch.setattr(judge.Bench, "try_out", short)
    (tmp_path / FRAMEWORK).write_text(ours(1))
    assert verdict.tell(steps.find(1), tmp_path / FRAMEWORK) == 1
    said = capsys.readouterr().out
    assert "Not yet" not in said and f"{judge.SHORT}, so close other programs" in said
    row = grader.grade(1, {FRAMEWORK: ours(1)})
    assert row["cut"] == judge.SHORT and row["broken"] is None


def client_behaviour(number):
    return next(each for each in judge.wanted(number) if each.tool == "client")


def test_a_server_may_write_into_its_folder_and_leaves_nothing(tmp_path):
    (tmp_path / FRAMEWORK).write_text("open('a log', 'w').close()\n" + ours(3))
    [result] = judge.judge(tmp_path, 3, [client_behaviour(3)])
    assert result.holds and not (APP.parent / "a log").exists()
    assert not (tmp_path / "a log").exists()


@posix_only
def test_a_server_that_ends_when_it_is_asked_where_it_hangs_is_told_as_hanging(tmp_path):
    (tmp_path / FRAMEWORK).write_text(ours(3, ("    def do_GET(self):", """
    def do_GET(self):
        time.sleep(600)""")) + """
import signal, time
signal.signal(signal.SIGUSR1, signal.SIG_DFL)
""")
    with contextlib.closing(Bench(str(tmp_path), 3, patience=0.3)) as bench:
        assert isinstance(bench.silent(), Blocked)


def test_a_port_that_cannot_be_is_no_traceback(tmp_path):
    (tmp_path / FRAMEWORK).write_text(ours(3, ("{host}:{port} (", "{host}:{10 ** 30} (")))
    with contextlib.closing(Bench(str(tmp_path), 3)) as bench:
        assert bench.silent() is None


@pytest.mark.all
@pytest.mark.parametrize("slow", ["time.sleep(2.5)", "while time.process_time() < 2.5: pass"])
def test_a_slow_import_is_told_with_its_line(tmp_path, slow):
    (tmp_path / FRAMEWORK).write_text(ours(3) + f"import time\n{slow}\n")
    broken = judge.examine(tmp_path)
    assert "its import takes long" in broken.sentence
    assert verdict.line_of(tmp_path / FRAMEWORK, broken.line) == slow


@pytest.mark.parametrize("name", ["http.py", "json.py", "email/__init__.py", "re.py"])
def test_a_file_that_stands_in_the_way_of_the_library_is_named(tmp_path, name):
    (tmp_path / FRAMEWORK).write_text(ours(5))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x = 1\n")
    assert str(judge.examine(tmp_path)).startswith(f"ownflask.py: {name}, which lies beside it")


def test_other_files_beside_it_do_no_harm(tmp_path):
    (tmp_path / FRAMEWORK).write_text(ours(5))
    for name in ("demo.py", "notes.py", "os.py", "turtle.py"):
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "http").mkdir()
    assert judge.examine(tmp_path) is None


# --- what is right in another way

RIGHT = {
    "a type without a blank": (
        5, [("text/html; charset=utf-8", "text/html;charset=UTF-8"),
            ('"application/json"', '"application/json; charset=utf-8"')],
        ("str_is_html", "dict_is_json")),
    "a page that shows the path": (
        7, [('self.write_response("404 Not Found", 404)',
             "import html; self.write_response(html.escape(self.path), 404)")],
        ("files_are_not_served", "unknown_path_is_404", "error_pages_do_not_echo")),
    "413 beyond all memory": (
        6, [("            return self.send_error(400, explain=str(error))",
             '            too_large = "billion" in str(error) and self.headers["Content-Length"]'
             ".isdigit()\n            return self.send_error(413 if too_large else 400)")],
        ("endless_length_is_400", "lax_length_is_400")),
    "a local variable called port": (
        2, [('host="127.0.0.1", port=8000):\n',
             'where="127.0.0.1", number=8000):\n        host, port = where, number\n')],
        ("listens_where_it_is_told",)),
    "the port in another place": (
        2, [('def run(self, host="127.0.0.1", port=8000):',
             'def run(self, host="127.0.0.1", *, debug=False, port=8000):')],
        ("announces_its_url", "port_0_takes_a_free_one")),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_is_right_in_another_way_is_accepted(judged, kind):
    step, edits, names = RIGHT[kind]
    assert [each.failure for each in judged(step, ours(step, *edits), *names)
            if not each.holds] == []


def test_a_run_that_takes_anything_is_given_the_port():
    class Flask:
        def run(self, *arguments, **options):
            return arguments, options

    child.use_port(Flask, 1234)
    assert Flask().run() == ((), {"port": 1234})
    assert Flask().run("localhost", 80) == (("localhost",), {"port": 1234})


# --- yours beside ours

def test_compare_ignores_words_style_and_order(tmp_path, capsys):
    path = tmp_path / FRAMEWORK
    text = ours(7)
    page = '    def not_found(self):\n        self.write_response("404 Not Found", 404)\n\n'
    moved = text.replace(page, "").replace("import json\n", "").replace('"Allow"', "'Allow'") \
        .replace("class Flask:", f"{page}\nclass Flask:\n    \"\"\"Mine.\"\"\"\n\n    # Mine.") \
        .replace("\nroutes = {}", "import json\nroutes = {}").replace("\n\n", "\n\n\n")
    path.write_text(moved.replace("OwnFlask, step 7", "Mine"))
    check.compare(steps.find(7), path)
    assert "Yours and ours are the same" in capsys.readouterr().out


def test_compare_shows_what_really_differs(tmp_path, capsys):
    path = tmp_path / FRAMEWORK
    path.write_text(ours(3, ("resp = routes[self.path]()", "resp = routes.get(self.path)()"),
                         ("class Flask:", "def mine(): pass\n\n\nclass Flask:")))
    check.compare(steps.find(3), path)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line[0:1] in "+-"] == [
        "", "--- steps/03_routing/ownflask.py (ours)", f"+++ {path} (yours)",
        "-    resp = routes[self.path]()", "+    resp = routes.get(self.path)()",
        "+def mine():", "+    pass"]
    assert "@@ RequestHandler.do_GET @@" in lines and "@@ mine @@" in lines


# --- going on from one's own file

@pytest.fixture
def my(tmp_path, monkeypatch):
    """The folder my/, at another place."""
    for module in (start, verdict):
        monkeypatch.setattr(module, "MY", tmp_path / "my")
    return tmp_path / "my"


def begin(step, mine=False):
    """Run `start` in this process, and return its exit code."""
    from argparse import Namespace

    return start.call(Namespace(step=str(step), mine=mine))


def test_my_own_file_may_take_the_place_of_what_start_gave_me(my, monkeypatch, capsys):
    monkeypatch.setattr(judge, "examine", lambda folder: None)
    monkeypatch.setattr(judge, "judge", lambda folder, number: [])
    assert begin(3) == begin(4) == 0
    (my / "03_routing" / FRAMEWORK).write_text("# my routing\n")
    assert begin(4, mine=True) == 0
    begun = my / "04_query_params" / FRAMEWORK
    assert begun.read_text() == "# my routing\n" and "Watch out" not in capsys.readouterr().out
    begun.write_text("# my own work\n")
    assert begin(4, mine=True) == begin(4) == 1
    assert begun.read_text() == "# my own work\n"


def test_going_on_from_a_file_that_does_not_hold_is_said(my, monkeypatch, capsys):
    begin(3)
    (my / "03_routing" / FRAMEWORK).write_text("x = 1\n")
    assert begin(4, mine=True) == 0
    said = capsys.readouterr().out
    assert "Watch out: " in said and "it has no class Flask" in said


def test_mine_is_offered_where_there_is_a_file_to_go_on_from(my, capsys):
    step = steps.find(3)
    verdict.print_well_done(step, my / str(step) / FRAMEWORK, None)
    assert "start 4 --mine" in capsys.readouterr().out
    verdict.print_well_done(step, my / "elsewhere" / FRAMEWORK, None)
    assert "--mine" not in capsys.readouterr().out
