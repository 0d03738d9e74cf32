"""Values of the parameters that a deployment sets."""

DEPLOYED = {
    "ArtifactsUri": "s3://bucket",
    "CodeUri": "s3://assets",
    "CodeFile": "code.pyz",
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/jobs",
    "ModelPackageGroupName": "group",
}
