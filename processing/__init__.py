"""The code of the jobs; its modules for jobs are in `processing.jobs`.

In: files below ``/opt/ml/processing/input``, and arguments.
Out: files below ``/opt/ml/processing/output``; an error's message in ``/opt/ml/output/message``.
Runs on Python 3.10 with NumPy. Some modules need more: boto3 (Download, Champion, FindModel),
scikit-learn, SciPy, XGBoost and matplotlib (Evaluate, Predict), pyarrow (Parquet), pyspark (Spark).
Must not know: the pipelines, CDK, or where it runs.
"""
