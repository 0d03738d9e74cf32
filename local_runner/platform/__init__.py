"""What an execution runs on: programs, object store, model registry, and their AWS endpoint.

Enters: command lines, files, and s3:// URIs. Leaves: files, logs, and JobFailed or JobInterrupted.
Must not know: steps, plans, or the order in which jobs run.
"""
