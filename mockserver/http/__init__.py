"""Connexion on one side, the semantics on the other."""

import warnings

with warnings.catch_warnings():
    # Connexion imports what is deprecated: Starlette's test client, jsonschema's resolver. No user of the mock can do
    # anything about it, and one who makes errors of warnings could not import the mock. So it is imported here first.
    warnings.simplefilter("ignore")
    from connexion.exceptions import ProblemException
    from connexion.middleware import ConnexionMiddleware
    from connexion.resolver import Resolver

__all__ = ["ConnexionMiddleware", "ProblemException", "Resolver"]
