"""Cohorts: percentiles of pay over declared grouping sets, partial pooling, disclosure control."""
