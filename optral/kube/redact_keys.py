"""What a key is called: which keys of an object hold secrets, variables, arguments or annotations."""

import re
from functools import lru_cache

from optral.kube.redact_values import looks_secret

_SECRETIVE = re.compile(r"pass|secret|token|api.?key|credential|private|auth|cookie|dsn|conn(?:ection)?.?str|access.?key", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(name|namespace|refs?|kind|path|paths|file|dir|type|mode|policy|class|enabled|seconds|version|method|provider|group|selector)$",
    re.IGNORECASE,
)
STRICTLY_SECRET = re.compile(r"(pass(word|wd|phrase)?|secret|token|api.?key|credential|pin)s?$", re.IGNORECASE)
_ENV_KEY = re.compile(r"^(extra)?env(s|vars?|ironment(Variables)?)?$|EnvVars?$", re.IGNORECASE)
# A list or a map under `env` holds variables; a single word is a label that says which stage this is.
STAGE = re.compile(r"[a-z]{2,14}\d{0,2}(-([a-z]{1,14}\d{0,2}|\d{1,2})){0,3}", re.IGNORECASE | re.ASCII)
_ARGS_KEYS = frozenset({"args", "command", "extraArgs", "cmd", "entrypoint", "arguments"})
REFERENCE_LEAVES = frozenset(
    {
        "name", "namespace", "kind", "apiVersion", "apiGroup", "group", "path", "mode", "type", "fieldPath", "resource", "audience",
        "driver", "operator", "secretName", "uid", "verb", "scope", "medium",
    }
)  # fmt: skip
DROPPED_ANNOTATION = re.compile(r"last-applied|original-configuration|kapp\.k14s\.io/original|objectset\.rio\.cattle\.io/applied")
MASKED_MAPS = frozenset({"stringData", "binaryData"})
PLAIN, SECRET, ENV, ARGS, ANNOTATIONS, CA = range(6)


@lru_cache(16384)
def class_of(key: str) -> int:
    if key == "annotations":
        return ANNOTATIONS
    if key == "caBundle":
        return CA
    if key in _ARGS_KEYS:
        return ARGS
    if _ENV_KEY.search(key):
        return ENV
    if _SECRETIVE.search(key) and not _REFERENCE.search(key):
        return SECRET
    return PLAIN


@lru_cache(16384)
def is_secret_key(key: str) -> bool:
    return len(key) >= 8 and looks_secret(key)
