"""The store of a view: objects by kind and uid, with their index. `ClusterView` decides what is in it."""

from optral.kube import view_keys
from optral.kube.objects import Event, KubeObject
from optral.kube.view_keys import Key


class Shelf:
    """Objects by kind and uid, uids by what they are looked up for. Changed in place; shared by nobody but its view."""

    __slots__ = ("index", "names", "objects")

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, KubeObject]] = {}
        self.names: dict[Key, str] = {}
        self.index: dict[Key, dict[str, None]] = {}

    def put(self, kind: str, uid: str, thing: KubeObject) -> None:
        of_kind = self.objects.setdefault(kind, {})
        before = of_kind.get(uid)
        if before is not None:
            if not view_keys.is_found_alike(kind, before, thing):
                self._forget(uid, view_keys.of(kind, before))
                self._note(uid, view_keys.of(kind, thing))
            if before.metadata.name != thing.metadata.name:
                self._forget_name(kind, uid, before)
        else:
            self._note(uid, view_keys.of(kind, thing))
        of_kind[uid] = thing
        if kind != Event.kind:
            self.names[(kind, thing.metadata.namespace, thing.metadata.name)] = uid

    def drop(self, kind: str, uid: str) -> None:
        thing = self.objects.get(kind, {}).pop(uid, None)
        if thing is not None:
            self._forget(uid, view_keys.of(kind, thing))
            self._forget_name(kind, uid, thing)

    def _note(self, uid: str, keys: tuple[Key, ...]) -> None:
        for key in keys:
            self.index.setdefault(key, {})[uid] = None

    def _forget(self, uid: str, keys: tuple[Key, ...]) -> None:
        for key in keys:
            uids = self.index.get(key)
            if uids is not None:
                uids.pop(uid, None)
                if not uids:
                    del self.index[key]

    def _forget_name(self, kind: str, uid: str, thing: KubeObject) -> None:
        key = (kind, thing.metadata.namespace, thing.metadata.name)
        if self.names.get(key) == uid:  # a namesake may have come before the old one went
            del self.names[key]
