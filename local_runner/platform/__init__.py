"""The platform of an execution: programs, object store, model registry, and AWS endpoint.

Input: command lines, files, and s3:// URIs. Output: files, logs, and JobFailed or JobInterrupted.
Must not know: steps, plans, or the order in which jobs run.
"""
