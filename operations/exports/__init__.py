"""Executions in the formats of other tools."""
