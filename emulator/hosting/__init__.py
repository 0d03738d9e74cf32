"""Endpoints: servers on this machine with the models that SageMaker's API names.

configurations   endpoint configurations
endpoints        endpoints and their changes: creation, blue/green update, deletion
servers          the server of an endpoint: `local_runner.serving` with an archive from S3
runtime          requests to endpoints (InvokeEndpoint)
"""
