"""Operations on this machine.

Input: a request and a work folder. Output: executions of ``local_runner``, and plain data about
them, which ``operations.views`` prints. Must not know: AWS; `deployment_values` replaces what a
deployment sets.
"""
