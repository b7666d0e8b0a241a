"""One call: the document, the body, the authorisation, the problems of its shape, the exchange."""
