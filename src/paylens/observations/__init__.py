"""The one normalised table of pay reports: its schema, its rules, and what was left out of it."""
