"""The stand-in for the built-in XGBoost image, version 3.0-5.

It keeps what a pipeline can notice of the image's contract: hyperparameters as strings on an
allow-list, channels, content types, when early stopping applies, how rows are read, how files are
cut into requests, how answers are written. Read off AWS's own training and serving code
(github.com/aws/sagemaker-xgboost-container, tag v3.0-5), and compared with it by running both.

    python3 -m local_runner.algorithms.xgboost train
    python3 -m local_runner.algorithms.xgboost transform --content-type ... --batch-strategy ...
"""
