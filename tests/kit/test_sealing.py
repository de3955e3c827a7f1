"""A secret at rest is of use to whoever has its key, and to nobody else."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llmlora.kit.sealing import SealBrokenError, Sealer


class TestSealer:
    def test_what_was_sealed_is_read_by_another_process_with_the_key(self, tmp_path: Path) -> None:
        sealed = Sealer(tmp_path / "key").seal("hf_秘密")
        assert "hf_" not in sealed
        assert Sealer(tmp_path / "key").unseal(sealed) == "hf_秘密"

    def test_key_is_for_its_owner_alone(self, tmp_path: Path) -> None:
        Sealer(tmp_path / "new" / "key").seal("x")
        assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600

    def test_key_that_others_could_read_is_closed(self, tmp_path: Path) -> None:
        sealed = Sealer(tmp_path / "key").seal("x")
        (tmp_path / "key").chmod(0o644)
        Sealer(tmp_path / "key").unseal(sealed)
        assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600

    def test_key_is_made_once_whoever_asks_at_the_same_time(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            sealed = list(pool.map(lambda n: Sealer(tmp_path / "key").seal(str(n)), range(8)))
        assert [Sealer(tmp_path / "key").unseal(one) for one in sealed] == [str(n) for n in range(8)]
        assert [path.name for path in tmp_path.iterdir()] == ["key"]

    @pytest.mark.parametrize("fault", ["gone", "another", "empty"])
    def test_without_its_key_it_stays_closed(self, fault: str, tmp_path: Path) -> None:
        sealed = Sealer(tmp_path / "key").seal("x")
        (tmp_path / "key").unlink()
        if fault == "another":
            Sealer(tmp_path / "key").seal("y")
        if fault == "empty":
            (tmp_path / "key").touch(0o600)
        with pytest.raises(SealBrokenError):
            Sealer(tmp_path / "key").unseal(sealed)

    def test_damaged_text_is_refused(self, tmp_path: Path) -> None:
        sealed = Sealer(tmp_path / "key").seal("x")
        with pytest.raises(SealBrokenError):
            Sealer(tmp_path / "key").unseal(sealed[:-4] + "AAAA")
