"""Go templates as Ollama renders them."""

import pytest

from tests.with_ollama.standin.gotemplate import Template, TemplateError
from tests.with_ollama.standin.prompt import ALPACA, CHATML, guess_template, parse_template, render

LLAMA3 = """{{- if .System }}<|start_header_id|>system<|end_header_id|>

{{ .System }}<|eot_id|>{{ end }}{{- range $i, $m := .Messages }}{{- if ne $m.Role "system" }}
{{- $last := eq (len (slice $.Messages $i)) 1 -}}
<|start_header_id|>{{ $m.Role }}<|end_header_id|>

{{ $m.Content }}{{ if not (and $last (eq $m.Role "assistant")) }}<|eot_id|>{{ end }}
{{- if and $last (ne $m.Role "assistant") }}<|start_header_id|>assistant<|end_header_id|>

{{ end }}{{- end }}{{- end }}"""
SYSTEM = {"role": "system", "content": "Be brief."}
HELLO = {"role": "user", "content": "Hello"}
ANSWER = {"role": "assistant", "content": "Hi."}
MORE = {"role": "user", "content": "More"}


def shown(source: str, **data: object) -> str:
    return Template.of(source).execute(data)


class TestChatTemplates:
    def test_chatml_adds_no_system_prompt(self) -> None:
        text = render(parse_template(CHATML.source), [HELLO])
        assert text == "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"

    def test_chatml_shows_every_turn_once(self) -> None:
        text = render(parse_template(CHATML.source), [SYSTEM, HELLO, ANSWER, MORE])
        turns = [("system", "Be brief."), ("user", "Hello"), ("assistant", "Hi."), ("user", "More")]
        whole = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)
        assert text == f"{whole}<|im_start|>assistant\n"

    def test_llama3_closes_all_turns_and_opens_the_answer(self) -> None:
        text = render(parse_template(LLAMA3), [SYSTEM, HELLO])
        assert text == (
            "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n"
        )

    def test_llama3_leaves_a_begun_answer_open(self) -> None:
        text = render(parse_template(LLAMA3), [HELLO, {"role": "assistant", "content": "Hi"}])
        assert text.endswith("<|start_header_id|>assistant<|end_header_id|>\n\nHi")

    def test_turns_of_a_prompt_template_follow_each_other_up_to_the_response(self) -> None:
        text = render(parse_template(ALPACA.source), [SYSTEM, HELLO, ANSWER, MORE])
        assert text == (
            "Be brief.\n\n### Instruction:\nHello\n\n### Response:\nHi.\n\n"
            "### Instruction:\nMore\n\n### Response:\n"
        )

    def test_response_is_appended_where_a_template_has_none(self) -> None:
        text = render(parse_template("Q: {{ .Prompt }} A: "), [HELLO, ANSWER, MORE])
        assert text == "Q: Hello A: Hi.Q: More A: "

    def test_neighbours_of_one_role_become_one_turn(self) -> None:
        text = render(parse_template(CHATML.source), [HELLO, MORE])
        assert "user\nHello\n\nMore<|im_end|>" in text

    def test_only_short_chatml_is_recognised(self) -> None:
        jinja = "{{ '<|im_start|>' + m.role + '<|im_end|>' }}"
        assert guess_template(jinja) is CHATML
        assert guess_template(jinja + " " * 1000) is None
        assert guess_template("[INST]") is None


class TestLanguage:
    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ("a \n{{- 1 -}}\n b", "a1b"),
            ("a {{- /* nothing }} */ -}} b", "ab"),
            ("{{ -1 }}", "-1"),
            (r'{{ "a\n\"}}" }}{{ `\n` }}', 'a\n"}}\\n'),
            ("{{ .Missing }}", "<no value>"),
            ("{{ with .Name }}{{ . }}{{ else }}-{{ end }}", "Ada"),
            ("{{ with .Missing }}{{ . }}{{ else }}-{{ end }}", "-"),
            ("{{ range .None }}x{{ else }}empty{{ end }}", "empty"),
            ("{{ range $i, $x := .List }}{{ $i }}{{ $x }}{{ end }}", "0a1b"),
            ("{{ range .List }}{{ . }}{{ break }}{{ end }}", "a"),
            ('{{ $x := "a" }}{{ range .List }}{{ $x = . }}{{ end }}{{ $x }}', "b"),
            ('{{ if false }}1{{ else if eq .Name "x" "Ada" }}2{{ else }}3{{ end }}', "2"),
            ('{{ if and .Name (gt (len .List) 1) (not .Missing) }}{{ or .Missing "z" }}{{ end }}', "z"),
            ("{{ index .List 1 }}{{ (index .Maps 0).Key }}{{ slice .Name 1 2 }}", "bvd"),
            ('{{ .Name | printf "%d %q %v" 3 "b" }}{{ .Name | len }}', '3 "b" Ada3'),
            ("{{ json .List }}", '["a","b"]'),
        ],
    )
    def test_source_gives_text(self, source: str, text: str) -> None:
        data = {"Name": "Ada", "List": ["a", "b"], "None": [], "Maps": [{"Key": "v"}]}
        assert shown(source, **data) == text

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("{{ shout .Name }}", 'function "shout" not defined'),
            ("{{ $x }}", 'undefined variable "$x"'),
            ("a\n{{ if .Name }}", ":2: unexpected EOF"),
            ("{{ end }}", "unexpected {{end}}"),
            ("{{ .Name", "unclosed action"),
            ("{{ (.Name }}", "unclosed left paren"),
            ("{{ }}", "missing value for command"),
            ("{% if x %}{{ @ }}", "unexpected bad character U+0040"),
        ],
    )
    def test_bad_source_is_refused_in_gos_words(self, source: str, message: str) -> None:
        with pytest.raises(TemplateError) as refused:
            Template.of(source)
        assert message in str(refused.value)

    @pytest.mark.parametrize(
        "source", ['{{ eq 1 "1" }}', "{{ .Name.Sub }}", "{{ index .List 9 }}", '{{ .Name "x" }}']
    )
    def test_values_that_do_not_fit_fail(self, source: str) -> None:
        with pytest.raises(TemplateError):
            shown(source, Name="Ada", List=["a"])

    def test_a_message_has_no_unknown_fields(self) -> None:
        with pytest.raises(TemplateError, match="can't evaluate field Colour"):
            render(parse_template("{{ range .Messages }}{{ .Colour }}{{ end }}"), [HELLO])
