"""CloudFormation: templates become stacks, by change sets or directly.

template    parses templates, and evaluates functions, conditions and parameters
stack       the state of a stack and its events
deployment  creates, updates and deletes a stack's resources, and rolls back
resources   one class for each type, a client of the service that has the resource
api         the operations
"""
