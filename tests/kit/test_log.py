"""Log lines reach standard error as it is when they are written."""

import io
import sys

import pytest
import structlog

from llmlora.kit.log import configure_logging


def test_logger_outlives_the_standard_error_that_it_was_first_used_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("info")
    log = structlog.get_logger()
    with monkeypatch.context() as context:
        for_a_while = io.StringIO()
        context.setattr(sys, "stderr", for_a_while)
        log.info("first")
    for_a_while.close()
    log.info("second", token="x")
    assert "event='second'" in capsys.readouterr().err
