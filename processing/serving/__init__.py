"""Serving: the answers to requests that hold reviews as text.

wsgi           the application that a server starts, with the model in /opt/ml/model
application    WSGI: from a request to an answer
handler        from a body and its headers to an answer: a pure function of the scorer
media_types    which types a request may have, and which the client accepts
reviews        the reviews in a body
answers        predictions as JSON, JSON lines or CSV
scorer         from texts to probabilities and explanations, as Prepare and Batch Transform
package        the files of a model package
"""
