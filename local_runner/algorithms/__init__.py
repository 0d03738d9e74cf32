"""Local emulations of AWS's images: programs that read and write the same files.

Input: ``/opt/ml`` (the folder in the variable ``OPT_ML``) and the service's arguments.
Output: a model or scores in ``/opt/ml``, log lines, an exit code, and the reason of a failure.
Must not know: the runner that starts them, or any pipeline.
"""
