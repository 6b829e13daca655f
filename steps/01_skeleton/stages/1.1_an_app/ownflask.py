"""OwnFlask, stage 1.1: an app object.

New: Flask(__name__) makes an app, which knows its name.
"""


class Flask:
    def __init__(self, name):
        self.name = name
