"""The programs' logs: put aside when large, read from the end, followed through rotation."""

from pathlib import Path

from llmlora.engine.platform.log_files import KEPT, ROTATE_BYTES, Follower, last_lines, open_log


class TestLogs:
    def test_large_log_is_put_aside_and_three_are_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "logs" / "api.log"
        for number in range(KEPT + 2):
            open_log(path)
            with path.open("wb") as stream:
                stream.write(f"{number}\n".encode())
                stream.truncate(ROTATE_BYTES + 1)
        kept = sorted(one.name for one in path.parent.iterdir())
        assert kept == ["api.log", "api.log.1", "api.log.2", "api.log.3"]
        assert path.with_name("api.log.1").open("rb").readline() == b"3\n"

    def test_small_log_goes_on(self, tmp_path: Path) -> None:
        path = tmp_path / "api.log"
        path.write_text("one\n")
        open_log(path)
        assert last_lines(path, 5) == ["one"]

    def test_last_lines_of_a_long_log(self, tmp_path: Path) -> None:
        path = tmp_path / "api.log"
        path.write_text("".join(f"行 {n}\n" for n in range(50_000)), encoding="utf-8")
        assert last_lines(path, 2) == ["行 49998", "行 49999"]
        assert last_lines(path, 0) == []
        assert last_lines(tmp_path / "none.log", 5) == []

    def test_follower_reads_on_in_the_new_file(self, tmp_path: Path) -> None:
        path = tmp_path / "api.log"
        path.write_text("one\ntw")
        follower = Follower(path, 0)
        assert follower.new_lines() == ["one"]
        with path.open("a") as stream:
            stream.write("o\nthree\n")
        path.rename(tmp_path / "api.log.1")
        path.write_text("four\n")
        assert follower.new_lines() == ["two", "three", "four"]
        follower.close()
