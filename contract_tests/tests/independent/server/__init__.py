"""A server of the API that shares nothing with the mock: standard library, SQLite, other answers to most readings.

It is written from the documentation of the API alone. The suite has to accept it as it is, and to find each of its
faults (`faults/`), which are kinds that real backends have.
"""
