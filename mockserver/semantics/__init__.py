"""What the API means, as pure functions: no clock, no randomness, no input or output.

`create_batch` is the place to start; every other module here is a step of it or a noun it speaks of.
"""
