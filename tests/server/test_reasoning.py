"""From settings to a model, or to one line that says what is missing."""

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from optral.analysis.model import Cost
from optral.server import reasoning, settings
from optral.terms.errors import Misconfigured


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text("no-real-key\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def given(tmp_path: Path) -> Callable[..., settings.Settings]:
    return lambda **more: settings.load(data_dir=tmp_path, **more)


def test_without_settings_nobody_is_asked(given: Callable[..., settings.Settings]) -> None:
    assert reasoning.reasoner(given()) is None


def test_a_configured_model_is_named_with_its_limits_and_without_its_key(given: Callable[..., settings.Settings], key: Path) -> None:
    chosen = given(
        ai_provider="anthropic", ai_model="some", ai_api_key_file=key, ai_input_price=Decimal(3), ai_output_price=Decimal(15), ai_seconds=20
    )
    found = reasoning.options(chosen)
    assert found is not None
    assert (found.api_key, "no-real-key" in repr(found)) == ("no-real-key", False)
    made = reasoning.reasoner(chosen)
    assert made is not None
    assert made.mark is not None
    assert made.mark.startswith("anthropic/some/")
    assert made.deadline_s == 20
    assert made.most.money is not None
    assert made.most.money <= Decimal("0.25"), "60,000 and 8,000 tokens would cost 30 cents"
    assert reasoning.daily(chosen) == Cost(tokens=2_000_000, money=Decimal(5))


def test_money_does_not_count_where_no_prices_are_set(given: Callable[..., settings.Settings]) -> None:
    chosen = given(ai_provider="ollama", ai_model="small")
    made = reasoning.reasoner(chosen)
    assert made is not None
    assert (made.most, reasoning.daily(chosen)) == (Cost(tokens=68_000), Cost(tokens=2_000_000))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"ai_provider": "openai"}, "OPTRAL_AI_MODEL"),
        ({"ai_provider": "openai", "ai_model": "m"}, "OPTRAL_AI_API_KEY_FILE"),
        ({"ai_provider": "ollama", "ai_model": "m", "ai_base_url": "ftp://x"}, "OPTRAL_AI_BASE_URL"),
        ({"ai_provider": "ollama", "ai_model": "m", "ai_base_url": "https://me:secret@x/v1"}, "OPTRAL_AI_BASE_URL"),
        ({"ai_provider": "ollama", "ai_model": "m", "ai_input_price": Decimal(1)}, "OPTRAL_AI_OUTPUT_PRICE"),
        ({"ai_provider": "oracle", "ai_model": "m"}, "OPTRAL_AI_PROVIDER"),
    ],
)
def test_a_bad_setting_stops_the_start_with_its_name(given: Callable[..., settings.Settings], wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        given(**wrong)


@pytest.mark.parametrize("text", ["", "two words", "a\nb", "\x00"])
def test_a_key_file_holds_a_key(given: Callable[..., settings.Settings], key: Path, text: str) -> None:
    key.write_text(text)
    with pytest.raises(Misconfigured, match="must hold the key alone"):
        reasoning.reasoner(given(ai_provider="openai", ai_model="m", ai_api_key_file=key))


def test_a_key_file_that_is_not_there_is_named(given: Callable[..., settings.Settings], tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"OPTRAL_AI_API_KEY_FILE: cannot read .*nowhere"):
        reasoning.reasoner(given(ai_provider="openai", ai_model="m", ai_api_key_file=tmp_path / "nowhere"))


@pytest.mark.parametrize(("provider", "module"), [("openai", "openai"), ("anthropic", "anthropic"), ("ollama", "pydantic_ai")])
def test_a_missing_library_is_one_line_that_says_what_to_install(
    given: Callable[..., settings.Settings], key: Path, monkeypatch: pytest.MonkeyPatch, provider: str, module: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Misconfigured, match=r"pip install 'optral\[ai\]'"):
        reasoning.reasoner(given(ai_provider=provider, ai_model="m", ai_api_key_file=key))


@pytest.mark.slow  # processes
def test_nothing_of_it_is_loaded_unless_configured() -> None:
    code = "import sys, optral.server.app, optral.cli.main; print([m for m in ('pydantic_ai', 'openai', 'anthropic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
