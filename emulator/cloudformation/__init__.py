"""CloudFormation: templates become stacks, by change sets or directly.

template    text -> Template; functions, conditions and parameters replaced by their values
stack       what a stack is and what happened to it
deployment  makes a stack's resources what the template says, and goes back if that fails
resources   one class a type: each speaks with its service's own API
api         the operations
"""
