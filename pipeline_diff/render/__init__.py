"""A diff as Markdown and as JSON."""
