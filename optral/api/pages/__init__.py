"""What is served beside the REST API: the dashboard, the contract and its documentation, health and metrics."""
