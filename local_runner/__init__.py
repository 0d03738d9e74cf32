"""Runs a SageMaker pipeline definition on this machine, with no AWS account and no Docker.

Enters: a pipeline definition (JSON, version 2020-12-01), values for its parameters, a work folder.
Leaves: in the work folder, an object store, a model registry and a record of the execution.
Must not know: what the pipeline is about, who rendered the definition, or where it is deployed.

The stages, with plain data between them:

    definition.parse   JSON -> PipelineDefinition, or a refusal by name
    plan.plan          PipelineDefinition + values -> Plan: steps in order, references known
    executor.execute   Plan -> PipelineExecution: runs jobs, records statuses, stops at a failure
"""
