"""The mutants: small edits that put a defect of the post back into a snapshot, a file a step.

Every mutant must be caught: on a copy of its step with the edits made, `behaviour` must end in
the failure that `shows` names (tests/test_mutants.py). `errata` are the numbers of the defects
as docs/errata.md counts them; a mutant without a number is a trap that lies next to a mend. A
defect that has no mutant says why, as `no_mutant` in docs/tools/errata.toml.

`symptom` is all that the command `bug` tells a learner: what a user did and saw, never why, and
true of the mutated snapshot. `level`: 1 easy (the symptom nearly points at the line), 2 medium,
3 hard (the protocol's small print, or several clients at once).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import steps
from steps.engine.edits import DoesNotFit, edited
from tests.behaviours import BEHAVIOURS

FOLDER = Path(__file__).parent


class StaleMutant(Exception):
    """A mutant does not fit the snapshot or the behaviours it was written for."""


@dataclass(frozen=True)
class Mutant:
    """One defect as data.

    defect: the sentence that tells it. errata: its numbers in docs/errata.md. step: the
    number of the snapshot it edits. behaviour: who must catch it; shows: by which failure.
    symptom: what a user of the framework did and saw, not why. level: how hard it is to find
    by the symptom, 1 (easy) to 3. edits: pairs (old, new) of text; each old stands in the
    snapshot exactly once.
    """

    name: str
    defect: str
    step: int
    behaviour: str
    shows: str
    symptom: str
    level: int
    edits: tuple
    errata: tuple = ()

    def apply(self, source):
        """Return the text of an ownflask.py with the edits made; raise StaleMutant."""
        try:
            return edited(source, self.edits, f"step {self.step}")
        except DoesNotFit as error:
            raise StaleMutant(f"{self.name}: {error}")

    def write(self, folder):
        """Write the mutated ownflask.py into a folder."""
        original = steps.find(self.step).folder / "ownflask.py"
        mutated = self.apply(original.read_text(encoding="utf-8"))
        Path(folder, "ownflask.py").write_text(mutated, encoding="utf-8")


def load():
    """Return the mutants by name, in step order; raise StaleMutant where one makes no sense."""
    mutants = {}
    for step in steps.STEPS:
        file = FOLDER / f"{step}.toml"
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["mutant"]:
            mutant = Mutant(step=step.number, **entry)
            if mutant.name in mutants:
                raise StaleMutant(f"{file.name}: two mutants are called {mutant.name}")
            if mutant.behaviour not in BEHAVIOURS:
                raise StaleMutant(f"{file.name}, {mutant.name}: no behaviour {mutant.behaviour}")
            if not BEHAVIOURS[mutant.behaviour].holds_at(mutant.step):
                raise StaleMutant(f"{file.name}, {mutant.name}: {mutant.behaviour} "
                                  f"does not hold at step {mutant.step} to begin with")
            mutants[mutant.name] = mutant
    return mutants
