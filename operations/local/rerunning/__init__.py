"""Run again when a file changes (`run --watch`): the first affected steps and what follows."""
