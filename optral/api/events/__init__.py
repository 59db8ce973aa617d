"""Events over HTTP: history, stream and webhooks."""
