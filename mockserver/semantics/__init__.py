"""The meaning of the API as pure functions: no clock, no randomness, no input or output.

Start with `operations.create_batch`. The other modules are its steps and its types.
"""
