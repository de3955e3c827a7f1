"""Names and addresses as Ollama writes them."""

import pytest

from llmlora.inference.ollama.errors import OllamaNameError
from llmlora.inference.ollama.names import base_url_of, parse_name


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("smollm2", "smollm2:latest"),
        (" smollm2:135m ", "smollm2:135m"),
        ("library/smollm2:135m", "smollm2:135m"),
        ("llmlora/faq-1a2b3c4d:f16", "llmlora/faq-1a2b3c4d:f16"),
        ("someone/Model_1.5:Q4_K_M", "someone/Model_1.5:Q4_K_M"),
    ],
)
def test_a_name_is_read_in_full(written: str, full: str) -> None:
    assert str(parse_name(written)) == full


@pytest.mark.parametrize(
    "written",
    [
        "", ":", "a:", ":tag", "a//b", "a/b/c", "registry.example.com/library/model:1", "hf.co/owner/repo",
        "https://example.com/model", "http://127.0.0.1:80/x", "a b", "a:b c", "-a", "a/-b", "../etc", "a:../b", "a\nb",
        "モデル", "a" * 81, "a:" + "b" * 81, "n.s/model",
    ],
)  # fmt: skip
def test_what_is_no_name_or_leads_elsewhere_is_refused(written: str) -> None:
    with pytest.raises(OllamaNameError) as refused:
        parse_name(written)
    assert "smollm2:135m" in refused.value.detail("ja")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":56789", "http://127.0.0.1:56789"),
        ("ollama.lan", "http://ollama.lan:11434"),
        ("https://ollama.lan", "https://ollama.lan:443"),
        ("http://ollama.lan/", "http://ollama.lan:80"),
        ("https://proxy.lan/ollama/", "https://proxy.lan:443/ollama"),
        ("[::1]:11434", "http://[::1]:11434"),
        ("[::1]", "http://[::1]:11434"),
    ],
)
def test_an_address_is_read_as_ollama_reads_it(host: str, address: str) -> None:
    assert base_url_of(host) == address
