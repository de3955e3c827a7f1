"""Words for people, in both languages."""

from dataclasses import dataclass

from llmlora.kit.isolate import filled


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    ja: str
    en: str

    def filled(self, **facts: object) -> "Text":
        """A template with its facts. One that has words of its own is a `Text`; names turn nothing of the sentence."""
        ja = {name: fact.ja if isinstance(fact, Text) else fact for name, fact in facts.items()}
        en = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
        return Text(ja=filled(self.ja, ja), en=filled(self.en, en))
