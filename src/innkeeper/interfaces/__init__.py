"""One folder for each protocol: a request becomes one action, an answer becomes one response."""
