"""How pay moved and where it goes: series, models beside drift, their back-test, and what moves them."""
