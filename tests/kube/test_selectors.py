from optral.kube import selectors


def test_every_pair_must_fit_and_an_empty_selector_fits_nothing() -> None:
    labels = {"app": "api", "tier": "web"}
    assert selectors.matches({"app": "api"}, labels)
    assert not selectors.matches({"app": "api", "tier": "back"}, labels)
    assert not selectors.matches({}, labels)


def test_differences_tell_what_the_labels_have_instead() -> None:
    assert selectors.differences({"app": "api", "tier": "web", "x": "y"}, {"app": "api", "tier": "back"}) == {"tier": "back", "x": None}
