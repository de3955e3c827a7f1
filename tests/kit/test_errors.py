"""An error says the same in both languages, each in its own words."""

from pathlib import Path

import pytest

from llmlora.contracts.states import STATE_WORDS, JobState
from llmlora.engine.serving import errors as serving_errors
from llmlora.engine.serving.errors import GgufBrokenError
from llmlora.features.jobs.errors import JobOverError
from llmlora.kit.db import or_refuse
from llmlora.kit.errors import AppError
from llmlora.kit.sent_errors import SentError, errors_in


class _GoneError(AppError):
    code = "gone"
    ja = "{name} は{state}です。"
    en = "{name} is {state}."


def test_fact_with_words_of_its_own_is_told_in_the_language_of_the_sentence() -> None:
    gone = _GoneError(name="faq", state=("検査中", "being checked"))
    assert (gone.detail("ja"), gone.detail("en")) == ("faq は検査中です。", "faq is being checked.")
    assert str(gone) == "faq is being checked."


def test_every_state_of_a_job_has_words() -> None:
    assert set(STATE_WORDS) == set(JobState)
    told = JobOverError(name="faq", state=STATE_WORDS[JobState.CANCELLED]).detail("ja")
    assert "（中止）" in told
    assert "cancelled" not in told


def test_words_of_a_fact_survive_the_way_from_another_process() -> None:
    broken = GgufBrokenError(path="a.gguf", reason=("ヘッダーがない", "no header"))
    sent = SentError.model_validate_json(SentError.of(broken).model_dump_json())
    arrived = sent.error(errors_in(serving_errors))
    assert isinstance(arrived, GgufBrokenError)
    assert [arrived.detail(one) for one in ("ja", "en")] == [broken.detail(one) for one in ("ja", "en")]


def test_error_that_is_not_known_where_it_arrives_is_none() -> None:
    assert SentError.of(_GoneError(name="faq", state="x")).error(errors_in(serving_errors)) is None


def test_name_that_is_no_utf8_and_a_path_can_be_sent() -> None:
    facts = SentError.of(_GoneError(name="caf\udce9\0", state=Path("a"), count=2, left=None)).facts
    assert facts == {"name": "caf?�", "state": "a", "count": 2, "left": None}


def test_fact_that_has_another_name_here_is_told_by_it() -> None:
    arrived = SentError.of(GgufBrokenError(path="/tmp/x", reason="-")).error(
        errors_in(serving_errors), path="a.gguf"
    )
    assert "a.gguf" in str(arrived)


def test_what_is_not_there_is_refused_with_what_it_was_called() -> None:
    assert or_refuse("row", _GoneError, name="faq") == "row"
    with pytest.raises(_GoneError, match="faq is x"):
        or_refuse(None, _GoneError, name="faq", state="x")
