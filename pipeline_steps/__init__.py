"""The pipeline as code: renders the definition with the SageMaker Python SDK.

Enters: `PipelineSettings`, decided at synth. Leaves: the definition as JSON text, which ``infra``
deploys and ``local_runner`` executes; that of the default settings is committed, definition.json.
Must not know: buckets, accounts and roles (they are parameters), or who runs the definition.

This package's `__init__` imports nothing, so that reading ``definition.json`` costs no SDK.
"""
