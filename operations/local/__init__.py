"""The verbs that work on this machine.

Enters: what a command asks for, and a work folder. Leaves: executions by ``local_runner``, and what
is shown of them. Must not know: AWS; what a deployment would set is given by `platform`.
"""
