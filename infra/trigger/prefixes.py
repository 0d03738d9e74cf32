"""Prefixes of the bucket's objects."""

RAW = "raw/"
"""Datasets that users upload. They don't expire; start_on_new_data watches them."""

EXECUTIONS = "executions/"
"""What only a running execution needs. What a model version needs is below models/."""

TRIGGERS = "triggers/"
"""Which of several uploads was the last one; written by the triggers alone."""

CAPTURED = "captured/"
"""Requests and answers that the endpoint captures."""

RESERVED = (RAW, EXECUTIONS, TRIGGERS, CAPTURED, "models/", "scores/")
