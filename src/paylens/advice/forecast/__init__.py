"""Where pay is going: growth of a market ahead with its interval, its back-test, scenarios and what changed between releases."""
