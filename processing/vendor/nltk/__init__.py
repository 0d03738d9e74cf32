"""NLTK's Porter stemmer: ``nltk/stem/{api,porter}.py`` of the wheel ``nltk==3.10.3``.

No SageMaker image holds NLTK, and a job that installs packages while it runs is neither
isolated nor reproducible. The two files are the release's own; one import is made relative.
``tests/unit/processing/test_processing_vendor.py`` holds them against the hash-pinned wheel.
"""
