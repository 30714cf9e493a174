"""The HTTP API: it takes JSON, and gives what the questions answer."""
