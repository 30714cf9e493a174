"""Documents as files: Markdown, HTML that needs nothing else, PDF. What is in them is decided in advice."""
