"""The engine: which steps there are, how one is started, and the command that does it."""
