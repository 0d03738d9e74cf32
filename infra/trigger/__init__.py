"""Starts of executions on a schedule and on new data."""
