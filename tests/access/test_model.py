"""Keys, scopes, expiry and canonical JSON: the pure rules."""

from datetime import UTC, datetime, timedelta

import pytest

from optral.access import model
from optral.terms.actor import Actor, ActorKind, Role, of_clusters, system
from optral.terms.errors import Forbidden, Invalid
from optral.terms.ids import ClusterId, OrgId

NOW = datetime(2026, 1, 15, 12, 0, 30, 5, tzinfo=UTC)
VECTOR = "mht_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcd16yCcL"


def test_the_published_vector_of_the_checksum() -> None:
    assert model.checksum("mht_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcd") == "16yCcL"
    assert model.is_key(VECTOR)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(VECTOR[:-1] + "M", id="one digit wrong"),
        pytest.param(VECTOR.replace("0123", "0132"), id="two digits swapped"),
        pytest.param(VECTOR[:-1], id="too short"),
        pytest.param(VECTOR + "0", id="too long"),
        pytest.param(VECTOR + "\n", id="line end"),
        pytest.param("mhe_" + VECTOR[4:], id="another kind"),
        pytest.param(VECTOR.replace("A", "Ä"), id="not ASCII"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_key(text: str) -> None:
    assert not model.is_key(text)


def test_keys_differ_and_keep_their_form() -> None:
    keys = {model.generate_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(model.is_key(key) and len(key) == 50 for key in keys)
    assert model.hint(VECTOR) == "mht_0123…cL"


def test_the_digest_depends_on_pepper_and_key() -> None:
    assert model.digest(b"a" * 32, VECTOR) != model.digest(b"b" * 32, VECTOR)
    assert len(model.digest(b"a" * 32, VECTOR)) == 32


def test_a_key_does_no_more_than_its_maker_may() -> None:
    assert model.effective_scopes(model.SCOPES, Role.OWNER) == model.KEY_SCOPES == model.SCOPES - {"identity:write", "members:write"}
    assert model.effective_scopes(frozenset({"keys:write", "issues:read"}), Role.VIEWER) == {"issues:read"}
    assert set(model.ROLE_SCOPES) == set(Role)
    assert all(scopes <= model.SCOPES for scopes in model.ROLE_SCOPES.values())


@pytest.mark.parametrize(
    ("role", "clusters", "scope", "remedy"),
    [
        (Role.OWNER, None, "clusters:write", "log in again with `optral login` and choose Admin"),
        (Role.OWNER, None, "issues:write", "choose Read and write"),
        (Role.OWNER, None, "members:read", "choose Read-only"),
        (Role.OPERATOR, None, "clusters:write", "the role operator of the member that it acts for does not include it: ask an owner"),
        (Role.ADMIN, frozenset({"cls_x"}), "audit:read", "keys limited to clusters cannot have it: use a key for all clusters"),
    ],
)
def test_a_refusal_of_a_key_names_what_would_help(role: Role, clusters: frozenset[str] | None, scope: str, remedy: str) -> None:
    key = Actor(kind=ActorKind.KEY, org_id=OrgId("org_x"), id="key_x", role=role, reach=of_clusters(clusters))
    with pytest.raises(Forbidden) as refused:
        model.require(key, scope)
    assert refused.value.say.startswith(f"this API key lacks {scope}; ") and remedy in refused.value.say


def test_a_missing_scope_is_named() -> None:
    viewer = Actor(kind=ActorKind.KEY, org_id=OrgId("org_x"), id="key_x", scopes=frozenset({"issues:read"}))
    model.require(viewer, "issues:read")
    model.require(system(), "keys:write")
    with pytest.raises(Forbidden, match="issues:write"):
        model.require(viewer, "issues:write")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(None, NOW + timedelta(days=90), id="ninety days unless asked"),
        pytest.param(NOW + timedelta(days=365), NOW + timedelta(days=365), id="a year"),
        pytest.param(NOW + timedelta(days=367), None, id="beyond a year"),
        pytest.param(NOW, None, id="at once"),
        pytest.param(NOW - timedelta(seconds=1), None, id="the past"),
    ],
)
def test_expiry(wanted: datetime | None, expected: datetime | None) -> None:
    if expected is not None:
        assert model.expiry(wanted, NOW) == expected
        return
    with pytest.raises(Invalid) as refusal:
        model.expiry(wanted, NOW)
    assert refusal.value.errors[0]["field"] == "expiresAt"


def test_scopes_of_a_new_key_are_known_and_its_makers_own() -> None:
    maker = Actor(kind=ActorKind.KEY, org_id=OrgId("org_x"), id="key_x", scopes=frozenset({"issues:read", "keys:write"}))
    assert model.checked_scopes(frozenset({"issues:read"}), maker) == {"issues:read"}
    for scopes, kind in ((frozenset(), Invalid), (frozenset({"root"}), Invalid), (frozenset({"clusters:read"}), Forbidden)):
        with pytest.raises(kind):
            model.checked_scopes(scopes, maker)


def test_clusters_of_a_new_key_are_its_makers_own() -> None:
    a, b = ClusterId("cls_a"), ClusterId("cls_b")
    everywhere = Actor(kind=ActorKind.KEY, org_id=OrgId("org_x"), id="key_x")
    narrow = Actor(kind=ActorKind.KEY, org_id=OrgId("org_x"), id="key_x", reach=of_clusters({a}))
    assert model.checked_clusters(None, everywhere) is None
    assert model.checked_clusters(None, narrow) == {a}
    assert model.checked_clusters(frozenset({a, b}), everywhere) == {a, b}
    with pytest.raises(Forbidden):
        model.checked_clusters(frozenset({a, b}), narrow)
    with pytest.raises(Invalid):
        model.checked_clusters(frozenset(), everywhere)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "a\nb"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(Invalid):
        model.checked_name(name)


@pytest.mark.parametrize("email", ["", "nobody", "a@", "@b", "a b@c", "a@b@c", "x" * 65 + "@example.org"])
def test_what_is_no_address(email: str) -> None:
    with pytest.raises(Invalid):
        model.checked_email(email)


def test_canonical_json_has_one_form() -> None:
    assert model.canonical({"b": [1, None], "a": "ä\x00"}) == '{"a":"\\u00e4\\u0000","b":[1,null]}'
    with pytest.raises(ValueError, match="JSON"):
        model.canonical({"a": float("nan")})
    assert model.whole_minute(NOW) == datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
