"""The HTML page of a comparison of executions, with the content of ``comparison.json`` alone."""
