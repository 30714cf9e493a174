"""Answering: numpy only, from the tables that a release holds."""
