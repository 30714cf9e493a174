"""Ways to ask: each prints what `advice` returns."""
