"""The use cases. Only here do packages meet: every change is a flow, since its event and its audit record are written with it.

They build on one another in one direction, which `.importlinter` defines.
"""
