"""Executing a plan: scheduling, retries, the step cache and the record of an execution.

Enters: a plan. Leaves: a PipelineExecution with a status for each step.
Must not know: how a container or an object store works on this machine.
"""
