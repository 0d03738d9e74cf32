"""A comparison of executions: as tables, and as Markdown."""
