"""An error says the same in both languages, each in its own words."""

from llmlora.contracts.states import STATE_WORDS, JobState
from llmlora.engine.serving.errors import GgufBrokenError
from llmlora.engine.serving.pool_client import WireError
from llmlora.features.jobs.errors import JobOverError
from llmlora.kit.errors import AppError


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
    told = JobOverError(job_id="job_1", state=STATE_WORDS[JobState.CANCELLED]).detail("ja")
    assert "（中止）" in told
    assert "cancelled" not in told


def test_words_of_a_fact_survive_the_way_from_another_process() -> None:
    broken = GgufBrokenError(path="a.gguf", reason=("ヘッダーがない", "no header"))
    arrived = WireError.model_validate_json(WireError.of(broken).model_dump_json()).error()
    assert isinstance(arrived, GgufBrokenError)
    assert [arrived.detail(one) for one in ("ja", "en")] == [broken.detail(one) for one in ("ja", "en")]
