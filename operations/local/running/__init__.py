"""Run pipelines on this machine: definitions, selected steps, progress, retries."""
