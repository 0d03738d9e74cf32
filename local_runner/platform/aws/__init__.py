"""The AWS API that local jobs may call: the model registry and the object store, over HTTP."""
