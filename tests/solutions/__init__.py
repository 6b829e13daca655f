"""Solutions of the notebooks' exercises, a file a notebook, a cell after each `# %%` line."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent


def of_notebook(name):
    """Return {id of a cell: the text that solves it} for a notebook; raises OSError."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    _, *parts = re.split(r"(?m)^# %% ([\w-]+)\n", text)
    return {id: source.strip("\n") for id, source in zip(parts[::2], parts[1::2], strict=True)}
