"""Plays the prompt of python3: runs the statements of stdin, each shown with what it prints."""

import ast
import code
import contextlib
import sys


def play(source, name):
    """Print SOURCE statement by statement, as a session at the prompt looks.

    name: what tracebacks call the prompt, "<stdin>" for python3, "<console>" for `prompt`.
    """
    lines = source.splitlines()
    console = code.InteractiveInterpreter()
    for node in ast.parse(source).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        statement = lines[first - 1:node.end_lineno]
        print(">>> " + "\n... ".join(statement))
        if len(statement) > 1 and hasattr(node, "body"):
            print("... ")
        with contextlib.redirect_stderr(sys.stdout):
            console.runsource("\n".join([*statement, ""]), name, "single")


if __name__ == "__main__":
    sys.path[:1] = sys.argv[1:]
    play(sys.stdin.read(), "<console>" if sys.argv[1:] else "<stdin>")
