"""Serving: a model behind SageMaker's requests ``/ping`` and ``/invocations``, on this machine.

Input: a model archive, the image and the environment of its container. Output: a web server.
Must not know: endpoints, model registries, or what a model predicts.

    server        starts and stops the server: a process with gunicorn, as in AWS's images
    __main__      that process; its workers load the model, each after the fork
    gateway       which requests reach the container
    container     what the container answers with: its own application, a script, or the image
    algorithm     the requests that the XGBoost image answers itself
"""
