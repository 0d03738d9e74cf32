"""The infrastructure: turns settings and the rendered definition into one stack per environment.

Enters: typed settings from cdk.json. Leaves: a CloudFormation template, equal for equal commits.
Must not know: how a step works or runs; clock, network and environment variables are out of bounds.
"""
