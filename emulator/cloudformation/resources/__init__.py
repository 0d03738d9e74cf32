"""The supported types of resources. Templates with other types are rejected."""

from __future__ import annotations

from emulator.cloudformation.errors import refused
from emulator.cloudformation.resources import (
    access,
    keys,
    machine_learning,
    messaging,
    observation,
    storage,
)
from emulator.cloudformation.resources.base import Resource

_TYPES: dict[str, Resource] = {
    "AWS::Budgets::Budget": observation.Budget(),
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": messaging.ChatChannel(),
    "AWS::Chatbot::SlackChannelConfiguration": messaging.ChatChannel(),
    "AWS::CloudWatch::Alarm": observation.Alarm(),
    "AWS::CloudWatch::Dashboard": observation.Dashboard(),
    "AWS::ECR::Repository": storage.Repository(),
    "AWS::Events::Rule": messaging.Rule(),
    "AWS::IAM::ManagedPolicy": access.ManagedPolicy(),
    "AWS::IAM::OIDCProvider": access.OidcProvider(),
    "AWS::IAM::Policy": access.Policy(),
    "AWS::IAM::Role": access.Role(),
    "AWS::KMS::Alias": keys.KeyAlias(),
    "AWS::KMS::Key": keys.Key(),
    "AWS::Lambda::Function": messaging.Function(),
    "AWS::Logs::LogGroup": observation.LogGroup(),
    "AWS::Logs::MetricFilter": observation.MetricFilter(),
    "AWS::S3::Bucket": storage.Bucket(),
    "AWS::S3::BucketPolicy": storage.BucketPolicy(),
    "AWS::SNS::Subscription": messaging.Subscription(),
    "AWS::SNS::Topic": messaging.Topic(),
    "AWS::SNS::TopicPolicy": messaging.TopicPolicy(),
    "AWS::SSM::Parameter": storage.Parameter(),
    "AWS::SageMaker::ModelPackageGroup": machine_learning.ModelPackageGroup(),
    "AWS::SageMaker::Pipeline": machine_learning.Pipeline(),
    "AWS::Scheduler::Schedule": messaging.Schedule(),
    "AWS::StepFunctions::StateMachine": messaging.StateMachine(),
    "Custom::AWSCDKOpenIdConnectProvider": access.OidcProvider(),
    "Custom::LogRetention": observation.LogRetention(),
    "Custom::S3AutoDeleteObjects": storage.AutoDeleteObjects(),
}
_CUSTOM = messaging.Custom()


def resource_type(kind: str) -> Resource:
    """Return the type. Raise ApiError for one that isn't emulated."""
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        return _TYPES.get(kind, _CUSTOM)
    try:
        return _TYPES[kind]
    except KeyError:
        raise refused(f"Template format error: Unrecognized resource types: [{kind}]") from None
