"""What a child tells never holds what it was handed in confidence."""

from pathlib import Path

import pytest

from llmlora.contracts.events import Failure, FailureClass, event_adapter
from llmlora.contracts.run import RunInputs, RunSpec
from llmlora.recipes.context import ChildContext


@pytest.mark.parametrize("secret", ["hf_s3cret", 'hf_"quoted\\', "hf_<&>"])
def test_no_event_shows_a_secret(secret: str, tmp_path: Path) -> None:
    spec = RunSpec(
        job_id="job_test",
        epoch=1,
        recipe="import_base_model",
        config={},
        inputs=RunInputs(),
        data_dir=tmp_path,
    )
    with (tmp_path / "events").open("wb") as stream:
        ctx = ChildContext(spec, tmp_path, stream.fileno(), {"HF_TOKEN": secret, "empty": ""})
        ctx.log(f"the header was Bearer {secret}")
        told = f"bad token {secret}!"
        ctx.emit(Failure(failure_class=FailureClass.INPUT, code="x", ja=told, en=told))
    lines = (tmp_path / "events").read_text().splitlines()
    assert [event_adapter.validate_json(line).src_seq for line in lines] == [1, 2]
    bodies = [event_adapter.validate_json(line).body for line in lines]
    assert not any(secret in str(body) or "s3cret" in str(body) or "quoted" in str(body) for body in bodies)
    assert isinstance(bodies[1], Failure)
    assert bodies[1].ja == "bad token […]!"
    assert secret not in ctx.redacted(f"Traceback: {secret}")
