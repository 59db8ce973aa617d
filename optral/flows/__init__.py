"""The walks: here, and only here, do rooms meet. Every change is a flow, since its event and its audit record are written with it."""
