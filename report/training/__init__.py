"""MLOps, when there is something to train: why, how, and what came of it."""
