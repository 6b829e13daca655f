"""One sentence for each of the slips that everybody makes: what to write instead.

about() looks at how a failure reads, slips() at a demo.py that need not have been run.
"""

import ast
import re

# How a failure reads, and what to do about it; {0}, {1} are the groups.
READS = tuple((re.compile(pattern), sentence) for pattern, sentence in (
    (r"'NoneType' object is not callable|after (?:two )?@app\.route, \w+ is None",
     "a decorator has to give something back: end route() with `return wrapper`, and wrapper() "
     "with `return f`"),
    (r"\bdo_\w+\(\) takes 0 positional arguments",
     "a method takes `self` first: `def do_GET(self):`"),
    (r"missing 1 required positional argument: 'request'",
     "the views of this step take the request: hand it to the view that you call"),
    (r"\w+\(\) takes 0 positional arguments but 1 was given",
     "the views of this step take no request: call them without it"),
    (r"AF_INET address must be tuple",
     "host and port are one argument in two: HTTPServer((host, port), ...)"),
    (r"'str' object cannot be interpreted as an integer|port must be (?:an )?int",
     "a port is a number: `port=8000`, without quotes"),
    (r"bind\(\): port must be 0-65535",
     "a port is a number from 0 to 65535"),
    (r"[Aa]ddress family.* not supported|nodename nor servname",
     'this server speaks IPv4: write `host="127.0.0.1"`'),
    (r"unexpected keyword argument '(debug|use_reloader|threaded)'",
     "run() here takes host and port alone: leave {0} out"),
    (r"a bytes-like object is required, not 'str'",
     "what goes out is bytes: text becomes that by .encode()"),
    (r"'NoneType' object has no attribute 'encode'",
     "what the view returns has got lost, or it returns nothing: is there a `return`?"),
    (r"local variable '(json|socket|http|time|sys|os)'",
     "what is assigned in a function is a name of its own there, and {0} is no longer the "
     "module: give what you keep another name"),
    (r"object has no attribute '(?:loads|dumps)'",
     "json is something of yours here, and no longer the module: give it another name"),
    (r"(?:module 'ownflask' has no attribute|cannot import name) '(\w+)'",
     "apps take {0} from your ownflask.py, where nothing has that name yet"),
    (r"module '(\w+)' has no attribute",
     "is there a file {0}.py beside yours? It stands in the way of Python's own {0}"),
    (r"methods takes a list",
     'one method is a list too: `methods=["POST"]`'),
))


def about(text):
    """Return what to do about a failure that reads like TEXT, "" where that is not known."""
    for pattern, sentence in READS:
        found = pattern.search(text)
        if found:
            return sentence.format(*found.groups())
    return ""


def slips(demo, framework):
    """Return [(line, sentence)] for what looks wrong in a demo, in order; [] for none.

    demo, framework: paths of the demo.py, which need not be there, and of its ownflask.py.
    """
    tree, own = parsed(demo), parsed(framework)
    apps = {"app", *(target.id for node in ast.walk(tree) if isinstance(node, ast.Assign)
                     and ast.unparse(node.value).startswith("Flask(")
                     for target in node.targets if isinstance(target, ast.Name))}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found += of_view(node)
        elif isinstance(node, ast.Call) and named(node.func) == "run" \
                and ast.unparse(node.func.value) in apps:
            found += of_run(node, takes(own))
        elif isinstance(node, ast.ImportFrom) and node.module == "flask":
            found.append((node.lineno, "that is the real Flask: `from ownflask import Flask`"))
    return sorted(found)


def parsed(path):
    """Return the tree of a Python file, an empty one where it cannot be read or parsed."""
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def named(node):
    """Return the last part of a dotted name: "run" of app.run; None where it is none."""
    return node.attr if isinstance(node, ast.Attribute) else None


def text_in(node):
    """Return the text that a node is, None where it is another value or none at all."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def of_view(function):
    """Yield what looks wrong in a function with @app.route above it."""
    routed = False
    for each in function.decorator_list:
        if named(each) == "route":
            yield each.lineno, '@app.route wants a path in brackets: `@app.route("/")`'
        elif isinstance(each, ast.Call) and named(each.func) == "route":
            routed = True
            options = {option.arg: option.value for option in each.keywords}
            path = text_in(each.args[0] if each.args else options.get("path"))
            methods = text_in(each.args[1] if each.args[1:] else options.get("methods"))
            if path is not None and not path.startswith("/"):
                yield each.lineno, f'a path begins with a slash: `@app.route("/{path}")`'
            if methods is not None:
                yield each.lineno, f'one method is a list too: `methods=["{methods}"]`'
    inside = [node for node in ast.walk(function) if isinstance(
        node, (ast.Raise, ast.Yield, ast.YieldFrom)) or isinstance(node, ast.Return) and node.value]
    if routed and not inside:
        yield function.lineno, f"{function.name}() returns nothing: end it with `return ...`"


def of_run(call, known):
    """Yield what looks wrong in a call of run(); known: its parameters, None for any."""
    options = {option.arg: option.value for option in call.keywords if option.arg}
    options |= dict(zip(("host", "port"), call.args, strict=False))
    host, port = text_in(options.get("host")), text_in(options.get("port"))
    if host is not None and ":" in host:
        yield call.lineno, 'this server speaks IPv4: `host="127.0.0.1"`'
    if port is not None:
        yield call.lineno, f"a port is a number: `port={port}`, without quotes"
    for name in options:
        if known is not None and name not in known:
            yield call.lineno, f"run() here does not take {name}: leave it out"


def takes(tree):
    """Return the names of the parameters of Flask.run() in a file, None where it takes any."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == "Flask":
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "run":
                    parts = method.args
                    if parts.kwarg:
                        return None
                    return [each.arg for each in (*parts.args, *parts.kwonlyargs)][1:]
    return None
