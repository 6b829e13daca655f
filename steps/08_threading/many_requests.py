"""Ask a server for one page many times at once, and draw when each answer came.

Start a step first, in another terminal: python3 -m steps run 8
"""

import argparse
import http.client
import threading
import time
from urllib.parse import urlsplit

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000/slow")
parser.add_argument("how_many", nargs="?", type=int, default=4)
options = parser.parse_args()
target = urlsplit(options.url)
if target.scheme != "http" or not target.hostname or options.how_many < 1:
    parser.error("give a URL such as http://127.0.0.1:8000/slow and a number from 1 up")
page = (target.path or "/") + ("?" + target.query if target.query else "")
answers = []


def ask(start):
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
    try:
        connection.request("GET", page)
        what = str(connection.getresponse().status)
    except ConnectionRefusedError:
        what = "nobody listens there: start a step first"
    except (OSError, http.client.HTTPException) as error:
        what = f"no answer: {error}"
    answers.append((time.perf_counter() - start, what))


start = time.perf_counter()
threads = [threading.Thread(target=ask, args=[start]) for _ in range(options.how_many)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

print(f"{options.how_many} requests for {options.url}, sent at once (#: 0.1 s)")
for seconds, what in sorted(answers):
    print(f"{'#' * min(round(seconds * 10), 50):<50} {seconds:4.1f} s  {what}")
if not all(what.isdigit() for _, what in answers):
    raise SystemExit(1)
