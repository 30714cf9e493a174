"""Fitting: everything that needs people's rows; imported by `build` alone."""
