"""AWS on one machine, as far as this project uses it: moto's server, extended.

Enters: requests of any client that is given the endpoint (boto3, the AWS CLI, the CDK CLI).
Leaves: what the services would answer; executions of pipelines really run, by local_runner.
Must not know: this project's stack, pipeline or command.

    server.Server      the endpoint: requests go to a service of this package, or to moto
    service.Service    a service: operations by name, checked by botocore's model
    sagemaker          pipelines, executions, jobs, models, the model registry
    cloudformation     stacks and change sets; each resource is made through its service's own API
    events             what happened goes to the rules of EventBridge, and on to their targets
    execution          the process that runs one execution, as a client of the services

README.md, beside this package, tells what it doesn't cover.
"""
