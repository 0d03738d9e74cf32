"""The pipelines as code: renders their definitions with the SageMaker Python SDK.

Input: `PipelineSettings`, decided at synth. Output: a definition as JSON, which ``infra`` deploys
and ``local_runner`` executes. The definitions of the default settings are committed.
Must not know: buckets, accounts and roles (they are parameters), or who runs a definition.

This ``__init__`` imports nothing, so that reading a committed definition doesn't import the SDK.
"""
