"""Renders a compared pipeline as Markdown or JSON."""
