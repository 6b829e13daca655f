"""Runs the notebooks, and holds what they print against what is stored in them.

    python3 -m docs.tools.notebooks [--check] [--pictures] [notebooks/03_routing.ipynb ...]

Without --check the outputs are stored. A picture is kept while its cell's text is the same,
since no two runs draw the same one; --pictures takes them anew.
"""

import argparse
import difflib
import json
import os
import sys
from pathlib import Path

import steps
from docs.tools.same import as_read

FOLDER = steps.ROOT / "notebooks"
ALL = sorted(FOLDER.glob("*.ipynb"))
PICTURE = "image/png"


class Node(dict):
    """A dict whose values are attributes as well, as a notebook's are."""

    __getattr__ = dict.__getitem__


def stored(path):
    """Return the notebook in a file, to be looked at: as read() does, without nbformat."""
    def node(pairs):
        return Node({key: "".join(value) if key in ("source", "text", "text/plain") else value
                     for key, value in pairs})

    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=node)


# nbformat and nbclient take a second or two to import: here, only who needs them waits.

def read(path):
    """Return the notebook in a file, to be run or changed."""
    import nbformat

    return nbformat.read(path, as_version=4)


def write(notebook, path):
    """Write a notebook into a file."""
    import nbformat

    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def run(notebook, allow_errors=False):
    """Run all cells in a kernel of their own, from the folder of the notebooks; tidy the outputs.

    Raises nbclient.exceptions.CellExecutionError where a cell fails.
    """
    from nbclient import NotebookClient

    # Whatever the machine's own settings: no other startup files, no colours in tracebacks.
    os.environ.pop("PYTHONSTARTUP", None)
    NotebookClient(notebook, kernel_name="python3", timeout=600, allow_errors=allow_errors,
                   resources={"metadata": {"path": str(FOLDER)}}).execute()
    return tidy(notebook)


def tidy(notebook):
    """Take out of a notebook what changes from run to run, and return it."""
    import nbformat

    notebook.metadata = nbformat.from_dict({
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    })
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        outputs = []
        for output in cell.outputs:
            if output.output_type == "stream":
                if outputs and outputs[-1].get("name") == output.name:
                    outputs[-1].text = as_read(outputs[-1].text + output.text)
                    continue
                output.text = as_read(output.text)
            elif output.output_type != "error":
                text = output.data.get("text/plain", "")
                output.data = {"text/plain": as_read(text)} | {
                    kind: data for kind, data in output.data.items() if kind == PICTURE}
                output.metadata = {}
            outputs.append(output)
        cell.outputs = outputs
    return notebook


def code_cells(notebook):
    """Return the cells that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell):
    """Return what a cell shows, as text; a picture is the word for it."""
    shown = []
    for output in cell.outputs:
        if output.output_type == "stream":
            shown.append(output.text.rstrip("\n"))
        elif output.output_type == "error":
            shown.append(f"{output.ename}: {output.evalue}")
        else:
            shown.append("(a picture)" if PICTURE in output.data else output.data["text/plain"])
    return "\n".join(shown)


def as_lines(notebook):
    """Return code and outputs of a notebook as lines, to be compared."""
    lines = []
    for cell in code_cells(notebook):
        lines += [f"--- cell {cell.id}", *cell.source.splitlines()]
        lines += [f"    {line}" for line in printed(cell).splitlines()]
    return lines


def keep_pictures(fresh, stored):
    """Put the stored pictures into a fresh notebook, where the text of the cell is the same."""
    before = {cell.id: cell for cell in code_cells(stored)}
    for cell in code_cells(fresh):
        old = before.get(cell.id)
        if old and old.source == cell.source and "(a picture)" in printed(old):
            pictures = [output for output in old.outputs if PICTURE in output.get("data", {})]
            for output in cell.outputs:
                if PICTURE in output.get("data", {}) and pictures:
                    output.data[PICTURE] = pictures.pop(0).data[PICTURE]


def stale(path):
    """Run a notebook and return the differences to what is stored in it, as lines of a diff."""
    stored = read(path)
    fresh = run(read(path))
    name = path.relative_to(steps.ROOT).as_posix()
    return list(difflib.unified_diff(
        as_lines(stored), as_lines(fresh), f"{name} (stored)", f"{name} (run)", lineterm=""
    ))


def refresh(path, pictures):
    """Run a notebook and store what it prints."""
    stored = read(path)
    fresh = run(read(path))
    if not pictures:
        keep_pictures(fresh, stored)
    write(fresh, path)


def main():
    """Store or check; return 1 where something is stale."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pictures", action="store_true")
    options = parser.parse_args()
    code = 0
    for path in [path.resolve() for path in options.notebooks] or ALL:
        if not options.check:
            refresh(path, options.pictures)
        elif lines := stale(path):
            print("\n".join(lines))
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
