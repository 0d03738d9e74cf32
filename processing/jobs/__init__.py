"""The jobs, one module each, exactly the entries of `processing.names.JOBS`.

Each has `parser()` and `run(options)`: arguments and input folders in, output folders out.
"""
