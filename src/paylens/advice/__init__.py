"""Questions, one a file: from a release and what a person asked to an answer that every face shows."""
