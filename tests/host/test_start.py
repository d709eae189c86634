"""What a command does before it works."""

import gc

import pytest

from host.cli import _kept_for_good


def test_what_is_imported_is_never_searched_for_garbage():
    frozen = gc.get_freeze_count()
    try:
        with _kept_for_good():
            assert not gc.isenabled()
            kept = [[] for _ in range(1000)]
        assert gc.isenabled()
        assert gc.get_freeze_count() >= frozen + len(kept)
    finally:
        gc.unfreeze()


def test_a_failed_import_leaves_the_collector_on():
    with pytest.raises(ImportError), _kept_for_good():
        raise ImportError
    assert gc.isenabled()
    gc.unfreeze()
