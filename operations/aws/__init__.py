"""Operations on AWS, through boto3.

Input: the name of an environment (``dev``) and a request. Output: plain data, which
``operations.views`` prints. Must not know: how a definition is rendered or deployed; resources are
found by the stack's name, ``sentiment-<environment>``.
"""
