"""The pictures of the pages, as SVG: a request's way through each step, and the sizes.

A stage whose step.toml has a `picture` has one of its own, on the way to that of its step.

python3 -m docs.tools.pictures draws them into docs/pictures/; with --check it says which are stale.
"""

import sys
from collections import namedtuple
from html import escape

import steps
from steps.engine.command.measure import changes
from steps.engine.scratch import replace

FOLDER = steps.ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 720, 440
SMALL = 480         # the width of a picture that a phone shows almost as it is

# Colours in pairs, for light and for dark; every text has a contrast of 4.5 to 1 at least.
COLOURS = {
    "card": ("#ffffff", "#16191d"), "edge": ("#c9ced6", "#3d444d"),
    "text": ("#1b1f24", "#e6e9ed"), "quiet": ("#57606a", "#a2abb5"),
    "box": ("#f1f3f6", "#252b32"), "line": ("#57606a", "#8b949e"),
    "new": ("#e3edff", "#12294d"), "accent": ("#0b57d0", "#8ab4ff"),
    "on-accent": ("#ffffff", "#0b1a33"),
    "bad": ("#fdecea", "#3a1a18"), "bad-line": ("#b3261e", "#ff8a80"),
}


def style():
    """Return the style sheet of a picture."""
    light, dark = (
        "".join(f"--{name}:{pair[index]};" for name, pair in COLOURS.items())
        for index in (0, 1)
    )
    return f"""<style>
svg{{{light}font:16px system-ui,sans-serif}}
@media (prefers-color-scheme:dark){{svg{{{dark}}}}}
text{{fill:var(--text)}} .code{{font:15px ui-monospace,monospace}} .quiet{{fill:var(--quiet)}}
.card{{fill:var(--card);stroke:var(--edge)}} .box{{fill:var(--box);stroke:var(--line)}}
.bad{{fill:var(--bad);stroke:var(--bad-line)}} .new{{fill:var(--new)}}
.bad.new{{fill:var(--bad)}}
.new,.bad.new{{stroke:var(--accent);stroke-width:2.5}} .tag{{fill:var(--accent)}}
.tagtext{{fill:var(--on-accent);font-size:14px;font-weight:bold}}
.heading{{font-size:18px;font-weight:bold}}
.arrow{{fill:none;stroke:var(--line);stroke-width:2}} .head{{fill:var(--line)}}
.border{{fill:none;stroke:var(--accent);stroke-width:2;stroke-dasharray:7 5}}
</style>"""


# --- what there is to draw: boxes, arrows and notes, from one step or stage on until another

Box = namedtuple("Box", "since until place title code kind")
Arrow = namedtuple("Arrow", "since until points")
Note = namedtuple("Note", "since until end text")       # end: where its last letter stands

LEFT, RIGHT = (164, 200), (420, 276)        # two columns: x, width
ROWS = (36, 140, 244, 348)                  # four rows: y
TALL = 60


def left(row, since, until, title, code="", kind="box"):
    """Return a box in the left column."""
    return Box(since, until, (*LEFT, ROWS[row], TALL), title, code, kind)


def right(row, since, until, title, code="", kind="box"):
    """Return a box in the right column."""
    return Box(since, until, (*RIGHT, ROWS[row], TALL), title, code, kind)


PARTS = (
    Box("skeleton", None, (16, 104, ROWS[0], ROWS[3] + TALL - ROWS[0]), "client", "", "box"),
    # step 1: nothing but the import of the demo
    left(0, "skeleton", "server", "nobody listens", kind="bad"),
    right(0, "skeleton", "server", "the demo is imported", "demo.py"),
    right(1, "skeleton", "server", "the decorator is made", '@app.route("/")'),
    right(2, "skeleton", "server", "it gives the view back", "wrapper(f): return f"),
    right(3, "skeleton", "server", "the name is still the view", "hello"),
    left(3, "skeleton", "server", "it returns at once", "app.run()"),
    Arrow("skeleton", "server", [(558, 96), (558, 140)]),
    Arrow("skeleton", "server", [(558, 200), (558, 244)]),
    Arrow("skeleton", "server", [(558, 304), (558, 348)]),
    # the server
    left(0, "server", "threading", "one client at a time", "HTTPServer"),
    left(0, "threading", "fill_in_the_postcard", "a thread for each client",
         "ThreadingHTTPServer"),
    left(0, "fill_in_the_postcard", None, "or gunicorn, waitress", "Server"),
    Arrow("server", None, [(120, 66), (164, 66)]),
    Arrow("server", None, [(364, 66), (420, 66)]),
    # the handler
    right(0, "server", "routing", "there is no do_GET", "BaseHTTPRequestHandler"),
    right(0, "routing", "post", "do_GET", "RequestHandler"),
    right(0, "post", "method_checks", "do_GET, do_POST", "RequestHandler"),
    right(0, "method_checks", "move_into_environ", "five methods: process_request",
          "RequestHandler"),
    right(0, "move_into_environ", None, "makes the environ", "RequestHandler"),
    left(1, "server", "routing", "501 for every request", kind="bad"),
    Arrow("server", "routing", [(558, 96), (558, 170), (364, 170)]),
    Arrow("server", "routing", [(164, 170), (120, 170)]),
    # the request
    right(1, "query_params", "post", "path, qs, headers", "Request"),
    right(1, "post", "request_global", "path, qs, headers, body", "Request"),
    right(1, "request_global", None, "one name, a request for each", "request"),
    left(1, "post", "errors", "bad length, bad JSON", "400", kind="bad"),
    Arrow("routing", "query_params", [(558, 96), (558, 244)]),
    Arrow("query_params", None, [(558, 96), (558, 140)]),
    Arrow("query_params", None, [(558, 200), (558, 244)]),
    Arrow("post", None, [(420, 170), (364, 170)]),
    Arrow("post", None, [(164, 170), (120, 170)]),
    # the routes
    right(2, "routing", "query_params", "which view?", "routes[self.path]"),
    right(2, "query_params", "method_checks", "which view?", "routes[request.path]"),
    right(2, "method_checks", "routes_of_its_own", "path known? method allowed?", "routes"),
    right(2, "routes_of_its_own", "url_params", "path known? method allowed?", "self.routes"),
    right(2, "url_params", None, "rules by prefix, fixed text first", "/book/10, /book/, /"),
    left(2, "routing", "method_checks", "connection dropped", "KeyError", kind="bad"),
    left(2, "method_checks", "errors", "404, or 405 with Allow", kind="bad"),
    Arrow("routing", "errors", [(420, 274), (364, 274)]),
    Arrow("routing", None, [(164, 274), (120, 274)]),
    # the view and its answer
    right(3, "routing", "query_params", "your view", "hello()"),
    right(3, "query_params", "url_params", "your view", "hello(request)"),
    right(3, "url_params", "request_global", "your view", "book(request, id=10)"),
    right(3, "request_global", None, "your view", "book(id=10)"),
    Note("url_params", None, (548, 329), '{"id": 10}'),
    left(3, "routing", "json", "str becomes bytes", "resp.encode()"),
    left(3, "json", "responses", "dict, list: JSON first", "json.dumps(resp)"),
    left(3, "responses", None, "text, JSON or a stream", "Response"),
    Arrow("routing", None, [(558, 304), (558, 348)]),
    Arrow("routing", None, [(420, 378), (364, 378)]),
    Arrow("routing", None, [(164, 378), (120, 378)]),
    # an exception of the view, caught by the server
    Arrow("a_wsgi_server", "errors", [(696, 378), (708, 378), (708, 66), (696, 66)]),
    Note("a_wsgi_server", "url_params", (690, 340), "exception: 500"),
    Note("url_params", "errors", (690, 329), "exception: 500"),
    # what is raised, caught by the app
    left(1, "errors", None, "the nearest handler", "errorhandler"),
    left(2, "errors", None, "else its page, or a 500", "HTTPException", kind="bad"),
    Arrow("errors", None, [(440, 348), (440, 326), (392, 326), (392, 182), (364, 182)]),
    Arrow("errors", None, [(420, 274), (392, 274)]),
    Arrow("errors", None, [(264, 200), (264, 244)]),
    Note("errors", None, (452, 228), "raised"),
)

# --- drawing

def box(part, new):
    """Return the SVG of a box."""
    x, width, y, height = part.place
    middle, centre = x + width / 2, y + height / 2
    lines = [(part.code, "code"), (part.title, "")] if part.code else [(part.title, "")]
    svg = [f'<rect class="{part.kind}{" new" if new else ""}" x="{x}" y="{y}" '
           f'width="{width}" height="{height}" rx="6"/>']
    for index, (text, name) in enumerate(lines):
        below = centre + 6 + 22 * (index - (len(lines) - 1) / 2)
        svg.append(f'<text class="{name}" x="{middle:g}" y="{below:g}" '
                   f'text-anchor="middle">{escape(text)}</text>')
    if new:
        svg += tag(x + width - 50, y - 10)
    return svg


def tag(x, y):
    """Return the SVG of the word "new" on a patch of colour."""
    return [f'<rect class="tag" x="{x}" y="{y}" width="44" height="18" rx="9"/>',
            f'<text class="tagtext" x="{x + 22}" y="{y + 14}" text-anchor="middle">new</text>']


def arrow(part):
    """Return the SVG of an arrow along its points."""
    (before_x, before_y), (x, y) = part.points[-2:]
    points = " ".join(f"{x},{y}" for x, y in part.points)
    if x != before_x:
        back = 8 if x < before_x else -8
        head = f"{x},{y} {x + back},{y - 5} {x + back},{y + 5}"
    else:
        back = 8 if y < before_y else -8
        head = f"{x},{y} {x - 5},{y + back} {x + 5},{y + back}"
    return [f'<polyline class="arrow" points="{points}"/>',
            f'<polygon class="head" points="{head}"/>']


def note(part):
    """Return the SVG of a note."""
    x, y = part.end
    return [f'<text class="quiet" x="{x}" y="{y}" text-anchor="end">{escape(part.text)}</text>']


def card(width, height, title, description, content):
    """Return a whole picture."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>', style(),
        f'<rect class="card" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10"/>',
        *content, "</svg>", "",
    ])


def position(name):
    """Return where a step begins or a stage stands, to be compared."""
    each = steps.find(name)
    return each.step.number, getattr(each, "place", 0)


def begun(name, step):
    """Say whether what begins with the step or stage of that NAME is there in STEP."""
    number, stage = position(step)
    return position(name) <= (number, stage or len(step.step.stages))


def shown(part, step):
    """Say whether a box, an arrow or a note stands in the picture of a step or stage."""
    return begun(part.since, step) and not (part.until and begun(part.until, step))


def journey(step):
    """Return the picture of a request's way through a step or stage, as SVG."""
    step = steps.find(step)
    is_wsgi, wsgi_is_new = begun("handling_wsgi", step), step.step.name == "wsgi"
    content = []
    if step.name == "threading":
        # The answers are inside: they are written by the thread too.
        content += ['<polygon class="border" points="398,16 712,16 712,424 142,424 142,123 '
                    '398,123"/>',
                    *tag(600, 7), '<text class="quiet" x="546" y="123" text-anchor="end">'
                    "in its own thread</text>"]
    if is_wsgi:
        content += ['<line class="border" x1="136" y1="118" x2="700" y2="118"/>',
                    '<rect class="card" x="172" y="106" width="316" height="24" rx="6"/>',
                    '<text class="code" x="330" y="123" text-anchor="middle">'
                    "app(environ, start_response)</text>", *(tag(494, 109) if wsgi_is_new else [])]
    if step.name == "request_global":
        content += ['<polyline class="border" points="142,118 142,426 702,426 702,118"/>',
                    *tag(540, 417), '<rect class="card" x="376" y="416" width="160" height="20" '
                    'rx="6"/>', '<text class="quiet" x="530" y="431" text-anchor="end">'
                    "in its own context</text>"]
    parts = [part for part in PARTS if shown(part, step)]
    for part in parts:
        if isinstance(part, Arrow):
            content += arrow(part)
    for part in parts:
        if isinstance(part, Box):
            new = steps.find(part.since).step is step.step and step.step.number > 1
            content += box(part, new)
        elif isinstance(part, Note):
            content += note(part)
    if wsgi_is_new and begun("a_wsgi_server", step):
        content += tag(646, 306)
    return card(WIDTH, HEIGHT, f"{word(step)} {step.number}, {step.name}", alt(step), content)


def word(step):
    """Return the word for it in a sentence that begins with it."""
    return type(step).__name__


def sizes():
    """Return the picture of how ownflask.py grows, as SVG; it is read on a phone, too."""
    left, base, tall = 50, 236, 150     # where the bars begin, stand, and how high they may be
    figures = weights()
    pitch = (SMALL - left - 12) / len(figures)
    width = min(30, pitch * 0.7)
    scale = tall / max(size for size, _ in figures.values())
    below = 24 + 8.5 * max(len(label(step)) for step in figures)
    content = ['<text class="heading" x="20" y="34">ownflask.py grows, in lines of code</text>',
               '<rect class="tag" x="20" y="48" width="14" height="14"/>',
               '<text x="42" y="61">new in this step</text>']
    for index, (step, (size, added)) in enumerate(figures.items()):
        middle = left + pitch * (index + 0.5)
        x, y = middle - width / 2, base - size * scale
        content += [
            bar("box", x, y, width, size * scale), bar("tag", x, y, width, added * scale),
            f'<text font-size="13" x="{middle:.1f}" y="{y - 6:.1f}" text-anchor="middle">'
            f'{size}</text>',
            f'<text transform="translate({middle + 6:.1f} {base + 16}) rotate(-60)" '
            f'text-anchor="end">{label(step)}</text>',
        ]
    return card(SMALL, base + round(below), "How ownflask.py grows", sizes_alt(), content)


def label(step):
    """Return what stands below the bar of a step."""
    return f"{step.number} {step.name}"


def bar(kind, x, y, width, height):
    """Return the SVG of a bar."""
    return (f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}"/>')


def weights():
    """Return {step: (lines of its ownflask.py, how many of them are new)}."""
    return {step: (files["ownflask.py"].size, files["ownflask.py"].added)
            for step, files in changes().items()}


def alt(step):
    """Return the text that stands for the picture of a step or stage."""
    step = steps.find(step)
    new = f"New in {word(step).lower()} {step.number}: " if step.step.number > 1 else ""
    return new + step.picture


def sizes_alt():
    """Return the text that stands for the picture of the sizes."""
    told = ", ".join(str(size) for size, _ in weights().values())
    return f"A bar chart: lines of code in ownflask.py, step by step: {told}."


# --- files

def pictures():
    """Return {file name: SVG} of all pictures."""
    drawn = [each for each in (*steps.STEPS, *steps.STAGES)
             if each.picture or each is each.step]
    return {**{file_name(each): journey(each) for each in drawn}, "sizes.svg": sizes()}


def file_name(step):
    """Return the name of the file with the picture of a step or stage."""
    number, stage = position(step)
    return f"journey_{number:02}{f'_{stage}' if stage else ''}.svg"


def stale():
    """Return the names of the files that are missing, superfluous or not as drawn now."""
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    drawn = pictures()
    return sorted(name for name in {*there, *drawn} if there.get(name) != drawn.get(name))


def draw():
    """Write all pictures that changed."""
    FOLDER.mkdir(exist_ok=True)
    drawn = pictures()
    for name in stale():
        if name in drawn:
            replace(FOLDER / name, drawn[name])
        else:
            (FOLDER / name).unlink()


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        for name in stale():
            print(f"docs/pictures/{name} is stale: python3 -m steps refresh")
        sys.exit(1 if stale() else 0)
    draw()
