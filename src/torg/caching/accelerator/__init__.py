"""The accelerator: it has the port of a web process, answers what is cached itself, and leaves the rest to others.

A hit is all it does in its own thread: a few microseconds, and one question to Redis for all who ask at once. What may
be a document but is not at hand is asked of the WSGI application in a pool of threads, so that it is kept in this
process. Everything else, whatever has a body among it, goes to the application server over a Unix socket.
"""
