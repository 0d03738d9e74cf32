"""The platform of an execution: programs, object store, model registry, and AWS endpoint.

Enters: command lines, files, and s3:// URIs. Leaves: files, logs, and JobFailed or JobInterrupted.
Must not know: steps, plans, or the order in which jobs run.
"""
