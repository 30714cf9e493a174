"""The pay model: arrays in, arrays out. `fit` learns it, `predict` answers with it."""
