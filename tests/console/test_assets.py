"""Files for the browser: addresses that never change their content, and nothing missing."""

import gzip
import re

import pytest
from starlette.testclient import TestClient

from innkeeper.interfaces.console import assets, icons
from innkeeper.interfaces.console.assets import HERE, load_assets

WHITE = re.compile(r"\|\s*safe\b|autoescape\s+false")


@pytest.mark.parametrize("name", [asset.name for asset in load_assets()])
def test_every_asset_is_served_for_ever_and_compressed(stranger: TestClient, name: str) -> None:
    asset = next(asset for asset in load_assets() if asset.name == name)

    answer = stranger.get(asset.url, headers={"Accept-Encoding": "gzip"})
    plain = stranger.get(asset.url, headers={"Accept-Encoding": "identity"})

    assert asset.body == answer.content == plain.content
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert asset.body == gzip.decompress(asset.zipped)


def test_old_address_is_gone(stranger: TestClient) -> None:
    assert stranger.get("/static/0000000000/console.css").status_code == 404


def test_style_sheet_names_fonts_by_their_address() -> None:
    loaded = load_assets()
    style = next(asset for asset in loaded if asset.name == "console.css").body.decode()

    assert "asset:" not in style
    assert loaded.url("geist.ttf") in style


def test_start_fails_when_a_package_lost_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(assets.FONTS, "geist.ttf", ("fontpkg_geist", "Gone.ttf"))

    with pytest.raises(FileNotFoundError):
        load_assets()


def test_unknown_icon_is_refused() -> None:
    with pytest.raises(KeyError):
        load_assets().icon("no-such-icon")


def test_sprite_holds_only_icons_that_are_named() -> None:
    names, drawing = icons.sprite([HERE / "navigation.py"])

    assert "users-round" in names
    assert drawing.count(b"<symbol") == len(names) < 60


def test_no_template_switches_escaping_off() -> None:
    guilty = [path.name for path in HERE.glob("templates/**/*.html") if WHITE.search(path.read_text("utf-8"))]

    assert guilty == []


def test_no_third_party_script_is_loaded(stranger: TestClient) -> None:
    sources = re.findall(r'(?:src|href)="([^"]+)"', stranger.get("/sign-in").text)

    assert [source for source in sources if not source.startswith(("/", "#"))] == []
