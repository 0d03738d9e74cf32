"""How long a dataset waits before an execution starts with it."""

SETTLING_SECONDS = 60
"""Until a training starts with a new dataset: of several that arrive together, the last is used."""

POLLING_SECONDS = 300
"""Mean interval at which a waiting dataset looks for running executions."""

LONGEST_WAIT_DAYS = 3
"""A dataset that has waited this long for other executions isn't used; an alert names it."""

MAX_QUIET_MINUTES = 24 * 60
"""The longest time that quiet_minutes may be."""

LONGEST_EXECUTION_DAYS = LONGEST_WAIT_DAYS + 2
"""The timeout of a state machine: a quiet period, the longest wait, and what the calls take."""
