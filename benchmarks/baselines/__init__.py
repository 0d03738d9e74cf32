"""What the pipeline is compared with: programs that do the same work in other ways.

Each runs as ``python -m benchmarks.baselines.NAME`` and ends by telling what its parts cost.
"""
