"""The command ``sentiment``.

Enters: a command line. Leaves: exit code 0 done, 1 failed, 2 bad usage; with ``--json`` one JSON
object on stdout. Must not know: how the definition is rendered or deployed.
"""
