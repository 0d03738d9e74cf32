"""The infrastructure: one CloudFormation stack for each environment in cdk.json.

Input: the settings in cdk.json. Output: CloudFormation templates, equal for equal commits.
Must not know: how a step works or runs. Must not read: the clock, the network, the environment.
"""
