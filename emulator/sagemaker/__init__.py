"""SageMaker: pipelines and their executions, jobs, models, the model registry, tags."""
