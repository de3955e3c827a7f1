"""YAML as people mean it: words are words, exponents numbers, nothing twice, and every refusal has its line."""

import math

import pytest

from llmlora.entry.yaml_file import YamlProblem, read_yaml


class TestValues:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("on", "on"), ("off", "off"), ("yes", "yes"), ("No", "No"), ("y", "y"),
            ("true", True), ("FALSE", False), ("~", None), ("", None), ("Null", None),
            ("2e-4", 2e-4), ("1E0", 1.0), (".5", 0.5), ("1.", 1.0), ("-1e+3", -1000.0), ("1e1", 10.0),
            ("8", 8), ("010", 10), ("-3", -3), ("0x10", 16), ("0o17", 15),
            ("1_000", "1_000"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), ("2024-01-01 10:00:00", "2024-01-01 10:00:00"),
            ("'8'", "8"), ('"true"', "true"), ("2e-4x", "2e-4x"), ("=", "="), ("はい", "はい"), ("８", "８"),
            ("[1, on, 2e-4]", [1, "on", 2e-4]), ("{a: {b: no}}", {"a": {"b": "no"}}),
            ("!!str 8", "8"), ("!!float 8", 8.0), ("|\n  two\n  lines\n", "two\nlines\n"),
        ],
    )  # fmt: skip
    def test_value_is_what_version_1_2_says(self, written: str, meant: object) -> None:
        value = read_yaml(f"key: {written}").value
        assert value == {"key": meant}
        assert isinstance(value, dict)
        assert type(value["key"]) is type(meant)

    def test_infinity_and_no_number_are_read_for_others_to_refuse(self) -> None:
        value = read_yaml("[.inf, -.INF, .nan]").value
        assert isinstance(value, list)
        assert value[:2] == [math.inf, -math.inf]
        assert math.isnan(value[2])  # type: ignore[arg-type]

    def test_aliases_and_merged_keys_are_followed_and_own_keys_win(self) -> None:
        text = "base: &base {rank: 8, epochs: 3}\nconfig:\n  epochs: 2\n  <<: *base\nagain: *base\n"
        assert read_yaml(text).value == {
            "base": {"rank": 8, "epochs": 3},
            "config": {"rank": 8, "epochs": 2},
            "again": {"rank": 8, "epochs": 3},
        }

    def test_first_of_several_merged_mappings_wins(self) -> None:
        assert read_yaml("<<: [{a: 1}, {a: 2, b: 2}]").value == {"a": 1, "b": 2}

    def test_keys_have_their_lines(self) -> None:
        document = read_yaml("# first\ndataset: x\nconfig:\n  rank: 8\n  'a/b': [1]\n")
        assert document.lines == {
            "/dataset": 2,
            "/config": 3,
            "/config/rank": 4,
            "/config/a~1b": 5,
            "/config/a~1b/0": 5,
        }

    @pytest.mark.parametrize("empty", ["", "# only words\n", "---\n", "null"])
    def test_nothing_is_null(self, empty: str) -> None:
        assert read_yaml(empty).value is None


LAUGHS = "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("a: 1\nb: 2\na: 3\n", 3, "line 1"),
            ("config:\n  rank: 8\n  rank: 8\n", 3, "rank"),
            ("a: {b: 1, b: 2}", 1, "b is on line"),
            ("config:\n\trank: 8\n", 2, "tabs"),
            ("dataset: x\nrank：8\nb: 1\n", 3, "ASCII"),
            ("a: [1,\nb: 2\n", 3, "cannot be read as YAML"),
            ("a: 1\n---\nb: 2\n", 2, "single document"),
            ("a: *nowhere", 1, "nowhere"),
            ("a: !!python/object/apply:os.system [ls]", 1, "tag"),
            ("a: !!timestamp 2024-01-01", 1, "tag"),
            ("a: !!binary aGk=", 1, "tag"),
            ("a: !!set {b}", 1, "tag"),
            ("a: !mine 1", 1, "tag"),
            ("a: !!int x", 1, "int"),
            ("a: !!bool maybe", 1, "bool"),
            ("\n8: a", 2, "key"),
            ("true: a", 1, "key"),
            ("? [a]\n: b", 1, "key"),
            ("<<: 8", 1, "<<"),
            ("a: &a [*a]", 1, "deep"),
            (f"a: &a [1]\n{LAUGHS}", None, "too many"),
            ("[" * 1000, None, "deep"),
            ("[" * 40 + "]" * 40, 1, "deep"),
            ('a: "x\\0y"', 1, "NUL"),
            ('a: "\\ud800"', 1, "broken"),
            ("a: \x00", 1, "control"),
            ("b: 1\na: \x1b[0m", 2, "control"),
            (f"a: {'9' * 5000}", 1, "int"),
        ],
    )
    def test_says_where_and_why_in_both_languages(self, text: str, line: int | None, words: str) -> None:
        with pytest.raises(YamlProblem) as refused:
            read_yaml(text)
        if line is not None:
            assert refused.value.line == line
        assert words in refused.value.en
        assert refused.value.ja != refused.value.en
