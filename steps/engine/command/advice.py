"""One sentence for each of the slips that everybody makes: what to write instead.

about() looks at how a failure reads, slips() at a demo.py that need not have been run.
"""

import ast
import re

# How a failure reads, and what to do about it; {0}, {1} are the groups.
READS = tuple((re.compile(pattern), sentence) for pattern, sentence in (
    (r"'NoneType' object is not callable|after (?:two )?@app\.route, \w+ is None",
     "a decorator has to give something back: end route(), or errorhandler(), with `return "
     "wrapper`, and wrapper() with `return f`"),
    (r"\bdo_\w+\(\) takes 0 positional arguments",
     "a method takes `self` first: `def do_GET(self):`"),
    (r"missing 1 required positional argument: 'request'",
     "the views of this step take the request: hand it to the view that you call"),
    (r"\w+\(\) takes 0 positional arguments but 1 was given",
     "the views of this step take no request: call them without it"),
    (r"BaseRequestHandler\.__init__\(\) missing",
     "the server makes the handlers: give it the class itself, without brackets"),
    (r"has no attribute '(command|requestline)'",
     "http.server sets {0} in its own `handle`: is there a method of that name in your class? "
     "Give it another"),
    (r"BadStatusLine",
     "an answer is made from top to bottom: send_response, send_header, end_headers, and then "
     "the body"),
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
    (r"expected a bytes-like object, (?:int|str) found",
     "an app returns a list of bytes: `return [body]`, where body is text after .encode()"),
    (r"\((?:ownflask\.)?BadRequest: ",
     "nothing catches BadRequest where it is raised: raise it inside the `try`, or answer there"),
    (r"'<' not supported between instances of '(\w+)' and '\1'",
     "Python cannot tell which {0} is less: say by what to sort, `key=lambda each: each. ...`"),
    (r"'NoneType' object has no attribute 'encode'",
     "what the view returns has got lost, or it returns nothing: is there a `return`?"),
    (r"local variable '(json|socket|http|time|sys|os)'",
     "what is assigned in a function is a name of its own there, and {0} is no longer the "
     "module: give what you keep another name"),
    (r"object has no attribute '(?:loads|dumps)'",
     "json is something of yours here, and no longer the module: give it another name"),
    (r"partially initialized module 'ownflask'",
     "ownflask.py imports itself, perhaps by way of another file: take that import out"),
    (r"(?:module 'ownflask' has no attribute|cannot import name) '(\w+)'",
     "apps take {0} from your ownflask.py, where nothing has that name yet"),
    (r"module '(\w+)' has no attribute",
     "is there a file {0}.py beside yours? It stands in the way of Python's own {0}"),
    (r"maximum recursion depth exceeded(?! while (?:de|en)coding)",
     "something here asks for itself: `list(self)` in __len__ does, as it asks len() first"),
    (r"Object of type method is not JSON",
     "a view says request.json without brackets: put @property above the method"),
    (r"KeyError: '/semi'",
     "a ; belongs to the path: urlparse cuts there, and urlsplit does not"),
    (r"methods takes a list",
     'one method is a list too: `methods=["POST"]`'),
    (r"'coroutine' object|<coroutine object|Enable tracemalloc|was never awaited",
     "what `async def` defines does nothing when it is called: write `def`"),
    (r"'Flask' object has no attribute '(get|post|put|patch|delete)'",
     "here the methods are said to route(): `@app.route(path, methods=[...])`"),
    (r"the view .* returned None",
     "does the view end with `return`? And abort() with `raise`, not with `return`?"),
    (r"exceptions must derive from BaseException",
     "what can be raised is an Exception: `class HTTPException(Exception, ...)`"),
    (r"name '(\w+)' is not defined",
     "where does {0} come from? Import it or define it, and mind how it is written"),
    (r"null bytes",
     "where it is saved as UTF-16 or UTF-32, every letter has zero bytes: save it as UTF-8"),
))

# What a decorator of an app wants in brackets, and an example.
BRACKETS = {"route": ("a path", '"/"'), "errorhandler": ("a status or a class", "404")}
NO_FUNCTION = {"args": '`request.args.get("name")`', "headers": '`request.headers.get("Accept")`',
               "json": "`request.json`"}
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
TURNED = re.compile(r"<(?!(?:int|float|string|path|uuid):)(\w+):(int|float|string|uuid)>")
FOREIGN = re.compile(r"\{(\w+)\}|/:(\w+)")


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
    found = [*not_imported(tree, own), *of_order(tree, apps)]
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found += of_view(node)
        elif isinstance(node, ast.Call):
            found += of_call(node)
            if is_run(node.func, apps):
                found += of_run(node, takes(own))
        elif isinstance(node, ast.Expr) and is_run(node.value, apps):
            found.append((node.lineno, "run is only named here: call it, `app.run()`"))
        elif isinstance(node, ast.Assign) and ast.unparse(node.value) in ("Flask", "Flask()"):
            found.append((node.lineno, "an app is made with a name: `app = Flask(__name__)`"))
        elif isinstance(node, ast.Compare) and ast.unparse(node.left) == "__name__" \
                and text_in(node.comparators[0]) not in ("__main__", None):
            found.append((node.lineno, 'this is never so: `if __name__ == "__main__":`'))
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


def is_run(node, apps):
    """Say whether a node is the run of an app: app.run."""
    return named(node) == "run" and ast.unparse(node.value) in apps


def bound(nodes):
    """Return the names that these nodes define, assign or import; "*" for all of a module."""
    names = set()
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
    return names


def not_imported(tree, own):
    """Yield where a demo first uses what stands in ownflask.py and has to be imported."""
    tops = [each for node in own.body for each in (
        [node, *node.targets] if isinstance(node, ast.Assign) else [node])]
    has = bound(ast.walk(tree))
    missing = set() if "*" in has else bound(tops) - has
    used = [(node.lineno, node.id) for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id in missing]
    for name, line in {name: line for line, name in sorted(used, reverse=True)}.items():
        yield line, f"take it from your framework: `from ownflask import {name}`"


def of_order(tree, apps):
    """Yield the run() that stands above a view: what is below it waits for Ctrl-C."""
    views = [node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)
             and any(named(getattr(each, "func", each)) == "route" for each in node.decorator_list)]
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) \
                and is_run(node.value.func, apps) and node.lineno < max(views, default=0):
            yield node.lineno, "run() goes on until Ctrl-C: put it at the end, below the views"


def of_view(function):
    """Yield what looks wrong in a function with @app.route or @app.errorhandler above it."""
    kinds, names = set(), [each.arg for each in ast.walk(function.args)
                           if isinstance(each, ast.arg)]
    for each in function.decorator_list:
        kind = named(each.func if isinstance(each, ast.Call) else each)
        if kind not in BRACKETS:
            continue
        kinds.add(kind)
        given = getattr(each, "args", []), getattr(each, "keywords", [])
        if not any(given):
            what, example = BRACKETS[kind]
            yield each.lineno, f"@app.{kind} wants {what} in brackets: `@app.{kind}({example})`"
            continue
        options = dict(zip(("path", "methods"), given[0], strict=False))
        options |= {option.arg: option.value for option in given[1]}
        first, methods = text_in(options.get("path")), text_in(options.get("methods"))
        if kind == "errorhandler" and is_no_error(options.get("path")):
            yield each.lineno, "it wants the number of an error: `@app.errorhandler(404)`"
        elif first is not None:
            yield from ((each.lineno, said) for said in of_path(first, function, names))
        if methods is not None:
            yield each.lineno, f'one method is a list too: `methods=["{methods}"]`'
        if "method" in options:
            yield each.lineno, 'it is called methods, and takes a list: `methods=["POST"]`'
    if kinds:
        yield from of_body(function)
    if "errorhandler" in kinds and not names:
        yield function.lineno, f"it is given the error: `def {function.name}(error):`"
    if "route" in kinds and names[:1] == ["self"]:
        yield function.lineno, "a view is a plain function: outside of the class, without self"


def of_path(path, function, names):
    """Yield what looks wrong in the path of a view with parameters of these NAMES."""
    turned, foreign = TURNED.search(path), FOREIGN.search(path)
    if not path.startswith("/"):
        yield f'a path begins with a slash: `@app.route("/{path}")`'
    elif turned:
        yield f"what kind it is comes first: `<{turned[2]}:{turned[1]}>`"
    elif foreign:
        yield f"a variable stands between < and >: `<{foreign[1] or foreign[2]}>`"
    elif {"<", ">"} & set(VARIABLE.sub("", path)):
        yield "a variable is `<name>` or `<int:name>`, with both brackets and without blanks"
    for name in VARIABLE.findall("" if turned else path):
        if name not in names and not function.args.kwarg:
            yield f"the path hands on {name}: {function.name}() takes it under that name"


def of_body(function):
    """Yield what looks wrong in what a view returns."""
    ends = ast.unparse(function.body[-1]).startswith("abort(")
    for node in ast.walk(function):
        ends |= isinstance(node, (ast.Raise, ast.Yield, ast.YieldFrom))
        if isinstance(node, ast.Return) and node.value:
            ends, first = True, node.value
            if isinstance(first, ast.Tuple) and first.elts:
                first = first.elts[0]
            if isinstance(first, ast.Constant) and type(first.value) is int:
                yield node.lineno, f'the body comes first: `return "...", {first.value}`'
    if not ends:
        yield function.lineno, f"{function.name}() returns nothing: end it with `return ...`"


def of_call(call):
    """Yield what looks wrong in a call of abort(), or of what is no function."""
    function = ast.unparse(call.func)
    given = [*call.args, *(option.value for option in call.keywords)]
    if function == "abort" and (not given or is_no_error(given[0])):
        yield call.lineno, "it begins with the number of an error: `abort(404)`"
    what, _, name = function.partition(".")
    if what == "request" and name in NO_FUNCTION:
        yield call.lineno, f"{function} is no function: {NO_FUNCTION[name]}"


def is_no_error(node):
    """Say whether a node is a value, but not the number of an error: 400 to 599."""
    return isinstance(node, ast.Constant) and node.value not in range(400, 600)


def of_run(call, known):
    """Yield what looks wrong in a call of run(); known: its parameters, None for any."""
    options = {option.arg: option.value for option in call.keywords if option.arg}
    options |= dict(zip(("host", "port"), call.args, strict=False))
    host, port = text_in(options.get("host")), text_in(options.get("port"))
    if host is not None and ":" in host:
        yield call.lineno, 'this server speaks IPv4: `host="127.0.0.1"`'
    if port is not None:
        number = port if port.isascii() and port.isdigit() else 8000
        yield call.lineno, f"a port is a number: `port={number}`, without quotes"
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
