# %% exercise-1
def even(text):
    if int(text) % 2:
        raise ValueError("odd")
    return int(text)

# %% exercise-2
SLUG = "[a-z0-9]+(?:-[a-z0-9]+)*"

# %% exercise-3
def described(path):
    types = {each[2]: each[1] or "string" for each in ownflask.VARIABLE.finditer(path)}
    return ownflask.VARIABLE.sub(r"{\2}", path), types
