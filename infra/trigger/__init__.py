"""Starts of executions: on a schedule, on new data, after drift."""
