# %% exercise-1
# STUB the cell of the notebook, solved

# %% exercise-2
# STUB the cell of the notebook, solved
