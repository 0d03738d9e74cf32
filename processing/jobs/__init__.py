"""The jobs, one module each, exactly the entries of `processing.__main__.JOBS`.

Each has `parser()` and `run(options)`: arguments and input folders in, output folders out.
"""
