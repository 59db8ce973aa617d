"""The switch for fetching containers' last lines, over HTTP."""

from tests.api.conftest import Api

PATH = "/v1/log-capture"


async def test_it_is_on_until_somebody_switches_it_off(api: Api) -> None:
    assert (await api.get(PATH)).json() == {"enabled": True}
    for wanted in (False, False, True):
        assert (await api("PATCH", PATH, json={"enabled": wanted})).json() == {"enabled": wanted}
        assert (await api.get(PATH)).json() == {"enabled": wanted}
    done = (await api.get("/v1/audit?action=capture.switch")).json()["audit"]
    assert [one["detail"] for one in done] == [{"isOn": True}, {"isOn": False}], "what is so already leaves no record"


async def test_a_key_that_reads_or_sees_some_clusters_only_does_not_switch(api: Api) -> None:
    reader = await api.new_key(scopes={"issues:read"})
    assert (await api("PATCH", PATH, key=reader, json={"enabled": False})).status_code == 403
    limited = await api.new_key(scopes={"issues:read", "detectors:write"}, clusters={await api.new_cluster("prod")})
    answer = await api("PATCH", PATH, key=limited, json={"enabled": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "beyond_own_clusters")
