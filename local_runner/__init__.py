"""Run a SageMaker pipeline definition on this machine, without an AWS account or Docker.

Input: a pipeline definition (JSON, version 2020-12-01), values for its parameters, a work folder.
Output: in the work folder, objects, model versions, and a record and logs of the execution.
Must not know: what the pipeline does, who rendered the definition, or where it is deployed.

The stages, with plain data between them:

    definition.parsing.parse  JSON -> PipelineDefinition
    plan.make_plan            PipelineDefinition + parameter values -> Plan: steps in order
    selection.select          Plan -> Plan: the selected steps, with results of earlier executions
    execution.Executor        Plan -> PipelineExecution: statuses, outputs, failure reasons

The executor runs the plan that it is given and knows no options. What happens in an execution, each
level with a verb of its own:

    run.run                       run        a plan        continue or begin an execution
    Executor.execute              execute    its steps     each as soon as its dependencies are done
    StepRunner.perform            perform    a step        condition, Fail, cached result, or job
    retries.with_retries          attempt    a job         again, as the retry policies say
    jobs.*.create_*               create     the job       what the SageMaker API call starts
    Hosts.launch                  launch     its hosts     the same program on each
    Container.invoke              invoke     a program     a process of this machine

The packages:

    definition/   the pipeline definition as data
    execution/    steps: order, cache, retries, record
    jobs/         the jobs that steps start, one module for each SageMaker API call
    platform/     what jobs run on: programs, object store, model registry, AWS endpoint
    algorithms/   local emulations of AWS's container images
    serving/      a web server for one model, as in those images; executions don't use it
"""
