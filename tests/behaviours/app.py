"""The app that the behaviours talk to: app.py STEP, run by steps/engine/child.py on any ownflask.

It has every view that the behaviours of the steps up to STEP declare. A view is written once,
as a function of the request, and registered in the manner of the step: without arguments at
first, with the request from query_params on, with the global request from request_global on.
"""

import functools
import sys
from pathlib import Path

import ownflask


def in_the_manner_of(number, view):
    """Return VIEW as the apps of step NUMBER write theirs."""
    if REQUEST_IS_HANDED_IN <= number < REQUEST_IS_GLOBAL:
        return view

    @functools.wraps(view)
    def without_request(**values):
        request = ownflask.request if number >= REQUEST_IS_GLOBAL else None
        return view(request, **values)

    return without_request


def build(number, views):
    """Return the app of step NUMBER; the second app, which never runs, only shares a process."""
    apps = {name: ownflask.Flask(name) for name in ("app", "other")}
    for view in views:
        if view.since <= number and (view.until is None or number <= view.until):
            options = {} if view.methods is None else {"methods": view.methods}
            function = in_the_manner_of(number, view.function)
            for path in view.paths:
                function = apps[view.app].route(path, **options)(function)
    return apps["app"]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.behaviours import VIEWS
    from tests.behaviours.views import REQUEST_IS_GLOBAL, REQUEST_IS_HANDED_IN

    build(int(sys.argv[1]), VIEWS).run()
