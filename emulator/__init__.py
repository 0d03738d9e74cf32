"""The part of AWS that this project uses, on one machine: moto's server, extended.

Input: requests of any client that is given the endpoint (boto3, the AWS CLI, the CDK CLI).
Output: responses of the services. Executions of pipelines really run, in local_runner.
Must not know: this project's stack, pipelines and command.

    server.Server      the endpoint: passes requests to a service of this package, or to moto
    service.Service    a service: operations by name, validated by botocore's model
    sagemaker          pipelines, executions, jobs, models, the model registry
    cloudformation     stacks and change sets; resources are created through their services' APIs
    other_accounts     refuses what the policies of another account don't allow
    events             delivers events to the targets of EventBridge rules
    execution          the process of one execution, a client of the services

README.md in this folder lists what isn't covered.
"""
