"""The code of the jobs: ten, each with an entry in `processing.__main__`.

Input: files below ``/opt/ml/processing/input``, and arguments.
Output: files below ``/opt/ml/processing/output``; the reason of a failure in
``/opt/ml/output/message``.
Must not know: the pipeline, CDK, or where it runs.

    image          Python   jobs                                    libraries
    scikit-learn   3.12     Download, Champion, FindModel           boto3
                            Preprocess, Prepare                     NumPy, pyarrow (for Parquet)
                            Join                                    NumPy
    XGBoost        3.10     Evaluate                                NumPy, XGBoost, scikit-learn,
                                                                    matplotlib
    Spark          3.12     Preprocess on Spark                     NumPy, PySpark
    none           3.11     Predict and Report, on the operator's   as Evaluate
                            machine only

So everything here has to run on Python 3.10. Libraries other than NumPy are imported where they are
used, so that a job doesn't wait for one that it doesn't need.
"""
