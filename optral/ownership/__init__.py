"""Which team owns what: what an organization has set about it. How it is applied to objects is `kube/teams.py`."""
