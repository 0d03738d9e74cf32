"""The verbs that speak with AWS, through boto3.

Enters: the name of an environment (``dev``), and what a command asks for. Leaves: plain data for
``operations.commands`` to show. Must not know: how the definition is rendered or deployed, beyond
the names of what a stack holds: everything is found by the stack's name, ``sentiment-<name>``.
"""
