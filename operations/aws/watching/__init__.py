"""Progress and logs of executions and their jobs."""
