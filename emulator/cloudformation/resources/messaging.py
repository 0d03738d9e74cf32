"""SNS, EventBridge, EventBridge Scheduler, Step Functions and Lambda."""

from __future__ import annotations

from typing import Any

from emulator.cloudformation.resources.base import (
    Context,
    PhysicalResource,
    Properties,
    Resource,
    as_json,
    camel_case,
    missing_is_fine,
    some,
    without_conditional_denials,
)


class Topic(Resource):
    """AWS::SNS::Topic."""

    replaced_by = ("TopicName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the topic, or change its attributes."""
        client = context.client("sns")
        attributes = some(properties, "DisplayName", "KmsMasterKeyId")
        if old is None:
            name = properties.get("TopicName", context.generated(256))
            arn = str(client.create_topic(Name=name, Tags=properties.get("Tags", []))["TopicArn"])
        else:
            arn = old.physical_id
        for key, value in attributes.items():
            client.set_topic_attributes(TopicArn=arn, AttributeName=key, AttributeValue=value)
        return PhysicalResource(arn, {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the topic."""
        with missing_is_fine():
            context.client("sns").delete_topic(TopicArn=existing.physical_id)


class TopicPolicy(Resource):
    """AWS::SNS::TopicPolicy."""

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the policy on each topic."""
        policy = as_json(without_conditional_denials(properties["PolicyDocument"]))
        for arn in properties["Topics"]:
            context.client("sns").set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=policy
            )
        return PhysicalResource(old.physical_id if old else context.generated())

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Do nothing; the policy is deleted with its topics."""


class Subscription(Resource):
    """AWS::SNS::Subscription; email is confirmed at once."""

    replaced_by = ("Endpoint", "Protocol", "TopicArn")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Subscribe the endpoint."""
        if old is not None:
            return PhysicalResource(old.physical_id)
        created = context.client("sns").subscribe(
            ReturnSubscriptionArn=True, **some(properties, "Endpoint", "Protocol", "TopicArn")
        )
        return PhysicalResource(str(created["SubscriptionArn"]))

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Unsubscribe the endpoint."""
        with missing_is_fine():
            context.client("sns").unsubscribe(SubscriptionArn=existing.physical_id)


class Rule(Resource):
    """AWS::Events::Rule of the default bus."""

    replaced_by = ("EventBusName", "Name")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the rule and its targets."""
        client = context.client("events")
        name = old.physical_id if old else properties.get("Name", context.generated())
        given = some(properties, "Description", "RoleArn", "ScheduleExpression", "State")
        if "EventPattern" in properties:
            given["EventPattern"] = as_json(properties["EventPattern"])
        arn = client.put_rule(Name=name, **given)["RuleArn"]
        targets = properties.get("Targets", [])
        former = {target["Id"] for target in (old.properties.get("Targets", []) if old else [])}
        if gone := sorted(former - {target["Id"] for target in targets}):
            client.remove_targets(Rule=name, Ids=gone)
        if targets:
            client.put_targets(Rule=name, Targets=targets)
        return PhysicalResource(name, {"Arn": arn})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the rule with its targets."""
        client = context.client("events")
        with missing_is_fine():
            targets = client.list_targets_by_rule(Rule=existing.physical_id)["Targets"]
            if targets:
                client.remove_targets(
                    Rule=existing.physical_id, Ids=[target["Id"] for target in targets]
                )
            client.delete_rule(Name=existing.physical_id)


class Schedule(Resource):
    """AWS::Scheduler::Schedule, which never fires here."""

    replaced_by = ("Name",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create or update the schedule."""
        client = context.client("scheduler")
        name = old.physical_id if old else properties.get("Name", context.generated())
        call = client.create_schedule if old is None else client.update_schedule
        given = {key: value for key, value in properties.items() if key != "Name"}
        return PhysicalResource(name, {"Arn": call(Name=name, **given)["ScheduleArn"]})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the schedule."""
        with missing_is_fine():
            context.client("scheduler").delete_schedule(Name=existing.physical_id)


class StateMachine(Resource):
    """AWS::StepFunctions::StateMachine."""

    replaced_by = ("StateMachineName", "StateMachineType")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create or update the state machine."""
        client = context.client("stepfunctions")
        given: dict[str, Any] = {
            "definition": properties["DefinitionString"],
            "roleArn": properties["RoleArn"],
        }
        for key in ("LoggingConfiguration", "TracingConfiguration"):
            given |= camel_case(some(properties, key))
        if old is not None:
            client.update_state_machine(stateMachineArn=old.physical_id, **given)
            return PhysicalResource(old.physical_id, old.attributes)
        name = properties.get("StateMachineName", context.generated(80))
        arn = str(client.create_state_machine(name=name, **given)["stateMachineArn"])
        return PhysicalResource(arn, {"Arn": arn, "Name": name})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the state machine."""
        with missing_is_fine():
            context.client("stepfunctions").delete_state_machine(
                stateMachineArn=existing.physical_id
            )


class ChatChannel(Resource):
    """AWS::Chatbot::...ChannelConfiguration, in a service that isn't emulated: nothing is sent."""

    replaced_by = ("ConfigurationName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Return the ARN of the configuration."""
        chat = context.kind.split("::")[2].removesuffix("ChannelConfiguration").lower()
        name = f"chat-configuration/{chat}-channel/{properties['ConfigurationName']}"
        arn = f"arn:aws:chatbot::{context.place.account}:{name}"
        return PhysicalResource(arn, {"Arn": arn})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Do nothing."""


class Function(Resource):
    """AWS::Lambda::Function, which is never invoked here."""

    replaced_by = ("FunctionName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create or update the function."""
        client = context.client("lambda")
        code = properties["Code"]
        given = some(properties, "Description", "Environment", "Handler", "MemorySize", "Role")
        given |= some(properties, "Runtime", "Timeout")
        if old is None:
            name = properties.get("FunctionName", context.generated())
            tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
            created = client.create_function(FunctionName=name, Code=code, Tags=tags, **given)
            return PhysicalResource(name, {"Arn": created["FunctionArn"]})
        client.update_function_code(FunctionName=old.physical_id, **code)
        client.update_function_configuration(FunctionName=old.physical_id, **given)
        return PhysicalResource(old.physical_id, old.attributes)

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the function."""
        with missing_is_fine():
            context.client("lambda").delete_function(FunctionName=existing.physical_id)


class Custom(Resource):
    """Any other custom resource; its function isn't invoked."""

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Do nothing."""
        return PhysicalResource(old.physical_id if old else context.generated())

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Do nothing."""
