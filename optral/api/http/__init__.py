"""The machinery that every resource of the REST API shares: routing, strict decoding, lists, problems, streams, the contract."""
