"""The API server over HTTP: lists, watches, single objects. Used by agent and scan; knows nothing of what they do with the bytes."""
