"""One call on its way in and out: the document, the body, security, what is wrong with it."""
