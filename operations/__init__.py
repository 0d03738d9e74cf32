"""The command ``sentiment``.

Input: a command line. Output: text, or with ``--json`` one JSON object on stdout; exit code 0 for
success, 1 for failure, 2 for wrong usage. Must not know: how a definition is rendered or deployed.
"""
