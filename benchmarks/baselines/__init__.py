"""Other programs that do the pipeline's work: ``python -m benchmarks.baselines.NAME``.

Each prints the cost of its stages in its last line of output.
"""
