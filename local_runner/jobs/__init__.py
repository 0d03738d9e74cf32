"""Jobs: one module for each SageMaker API call that a step makes.

Input: the call's request with all expressions resolved, and a JobContext. Output: objects in the
object store, and the properties that later steps refer to, as the Describe call would return them
(``Steps.Train.ModelArtifacts.S3ModelArtifacts``).
Must not know: steps, conditions, caching or retries.

A request that can't be honoured locally raises JobFailed, which names the field and the remedy.
"""
