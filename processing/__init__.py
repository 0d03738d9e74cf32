"""What runs inside the jobs: Download, Preprocess and Evaluate.

Enters: files below ``/opt/ml/processing/input`` and plain arguments.
Leaves: files below ``/opt/ml/processing/output``; a failure's reason in ``/opt/ml/output/message``.
Must not know: SageMaker's API, the pipeline, CDK, or where it runs. Python 3.10 and
the NumPy of the scikit-learn image are all there is.
"""
