"""Fixtures: the benches on which behaviours are tried, one for each pair of app and framework."""

import pytest

import steps
from tests.behaviours import Bench


@pytest.fixture(scope="session")
def bench():
    """A function (framework, number) -> Bench; the servers live as long as the session.

    framework is a step's number, a folder or "flask"; number is the step whose app it gets.
    """
    benches = {}

    def get(framework, number):
        key = framework, number
        if key not in benches:
            if isinstance(framework, int):
                framework = steps.find(framework).folder
            benches[key] = Bench(framework, number)
        return benches[key]

    yield get
    for each in benches.values():
        each.close()
