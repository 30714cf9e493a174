"""A pasted offer letter or job ad to an offer that a person can check and edit."""
