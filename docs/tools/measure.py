"""Takes the measurements that the pages show, all in one run: docs/tools/measured.json."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import steps

FILE = Path(__file__).with_name("measured.json")
SCRIPT = f"steps/{steps.find('threading')}/many_requests.py"


def many_requests(on, *more):
    """Return what a reader sees who asks the slow demo, on a framework, for /slow many times."""
    with steps.start("threading", on=on) as server:
        done = subprocess.run(
            [sys.executable, SCRIPT, f"{server.url}/slow", *more],
            cwd=steps.ROOT, capture_output=True, text=True, check=True,
        )
    typed = ["$ python3", SCRIPT, *(["http://127.0.0.1:8000/slow", *more] if more else [])]
    return f"{' '.join(typed)}\n{done.stdout}".replace(f":{server.port}/", ":8000/")


def speed():
    """Return what tests/speed.py prints."""
    return subprocess.run([sys.executable, "-m", "tests.speed"], cwd=steps.ROOT,
                          capture_output=True, text=True, check=True).stdout


def main():
    """Measure all, and write the file."""
    before, after = (many_requests(on, "50").splitlines() for on in ("threads", "threading"))
    results = {
        "made with": f"{platform.python_implementation()} {platform.python_version()}",
        "four requests, step 8 on 7": many_requests("method_checks"),
        "four requests, step 8": many_requests("threading"),
        "fifty requests, stage 8.1": "\n".join([*before[:3], "...", *before[-2:]]),
        "fifty requests, step 8": "\n".join([*after[:3], "...", *after[-2:]]),
        "speed of an answer": speed(),
    }
    FILE.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
