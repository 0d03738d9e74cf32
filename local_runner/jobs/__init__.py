"""Jobs: each takes the arguments of a SageMaker API call and answers what describing it would.

    run(arguments: the resolved request, context: JobContext) -> properties

The properties are what later steps refer to (``Steps.Train.ModelArtifacts.S3ModelArtifacts``). Each
module stands for one API call and refuses, by name, a request that it can't honour here.
"""
