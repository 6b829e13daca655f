"""Further exercises of responses."""

from tests.exercises import step

exercise = step("responses")

first = exercise("stub-1", "STUB a few words", "STUB what to do, in a sentence or three.")


@first("STUB what holds when it is solved", before="Wrong: STUB what our step shows")
def stub_1_is_solved(program):
    program('print("STUB a program that tries it")').expect(out="STUB what it prints then")


second = exercise("stub-2", "STUB a few words", "STUB what to do, in a sentence or three.")


@second("STUB what holds when it is solved", before="Wrong: STUB what our step shows")
def stub_2_is_solved(program):
    program('print("STUB a program that tries it")').expect(out="STUB what it prints then")
