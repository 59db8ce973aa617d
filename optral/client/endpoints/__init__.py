"""The endpoints of the API by resource: `Issues.list(status="open")`. Every method returns an `Answer` or raises `ClientError`."""
