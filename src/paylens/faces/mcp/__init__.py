"""The questions as tools for an assistant."""
