"""Watch local executions."""
