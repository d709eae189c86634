from dataclasses import fields

import pytest

from host.codes import ErrorCode
from host.errors import InputError
from host.settings import Settings, load_settings, parse_settings, setting_names


def _refused(tables):
    with pytest.raises(InputError) as caught:
        parse_settings(tables)
    return caught.value


def test_without_a_file_the_defaults_hold():
    assert load_settings(None) == Settings()


def test_a_file_changes_what_it_names(tmp_path):
    path = tmp_path / "footfall.toml"
    path.write_text("[person]\nsmallest_share = 0.3\nreturn_s = 4\n[output]\noverlay = false\n")
    settings = load_settings(path)
    assert (settings.person.smallest_share, settings.person.return_s) == (0.3, 4.0)
    assert settings.output.overlay is False
    assert settings.pose == Settings().pose


@pytest.mark.parametrize(
    ("tables", "nearest"),
    [
        ({"person": {"smalest_share": 0.3}}, "person.smallest_share"),
        ({"acelerator": {"backend": "auto"}}, "accelerator"),
        ({"output": {"overlays": True}}, "output.overlay"),
        ({"capture": {"threads": 2}}, "capture.decode_threads"),
    ],
)
def test_an_unknown_key_names_the_nearest(tables, nearest):
    error = _refused(tables)
    assert error.code is ErrorCode.SETTING_UNKNOWN
    assert error.values["nearest"] == nearest
    assert nearest in str(error)


@pytest.mark.parametrize(
    ("tables", "takes"),
    [
        ({"person": {"most": 0}}, "it takes 1 to 10"),
        ({"person": {"most": 2.5}}, "it takes a whole number"),
        ({"person": {"most": True}}, "it takes a whole number"),
        ({"person": {"return_s": "6"}}, "it takes a number"),
        ({"scale": {"field_deg": float("nan")}}, "it takes 0 to 150"),
        ({"output": {"overlay": 1}}, "it takes true or false"),
        ({"accelerator": {"backend": "abacus"}}, "emulation, rtl, pynq"),
        ({"pose": {"model": 3}}, "it takes text in quotes"),
    ],
)
def test_a_wrong_value_is_refused_with_what_the_setting_takes(tables, takes):
    error = _refused(tables)
    assert error.code is ErrorCode.SETTING_INVALID
    assert takes in str(error)


def test_bad_toml_and_a_missing_file_are_refused(tmp_path):
    (tmp_path / "bad.toml").write_text("[person\n")
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path / "bad.toml")
    assert caught.value.code is ErrorCode.SETTINGS_MALFORMED
    assert str(caught.value).startswith("The settings file bad.toml is not written as TOML: ")
    assert "line 1" in str(caught.value)
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path)
    assert caught.value.code is ErrorCode.FILE_IS_FOLDER
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path / "none.toml")
    assert caught.value.code is ErrorCode.FILE_MISSING


def test_there_are_few_settings_and_each_has_a_default():
    names = setting_names()
    assert len(names) <= 30
    assert len(names) == sum(len(fields(getattr(Settings(), f.name))) for f in fields(Settings))
