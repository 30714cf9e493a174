"""Is this offer good: reading letters, worth over time, offers side by side."""
