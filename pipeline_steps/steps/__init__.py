"""The steps of both pipelines: a function for each, from a context and earlier steps to a step."""
