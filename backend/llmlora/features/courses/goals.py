"""What finishes a section of a course, as its Markdown says: `<!-- done NAME: CONDITION -->` below the heading.

The conditions, all of them judged by rows of the database but the last (`seen.py`):

- `data FILE`: a data set with the rows of this file;
- `training [where SETTING = VALUE, …]`: a training on the course's data has completed;
- `deployment [where …]`: what such a training made is ready;
- `question TEXT [where …]`: a model of such a training has answered this question;
- `file KIND [where …]`: a job with these settings has made an artifact of this kind of such a training;
- `backup`: a backup was made since the course's data was added;
- `by hand: TEXT`, `by hand at PLACE: TEXT`: nobody sees it, so the learner says it; PLACE is where it is done.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from pydantic import JsonValue

GoalKind = Literal["data", "training", "deployment", "question", "file", "backup", "by_hand"]
Place = Literal["comparison", "training", "deployment", "chat"]

_WHERE = re.compile(r"^(?P<before>.*?)(?:\s+where\s+(?P<settings>\w+ = .+))?$")
_BY_HAND = re.compile(r"^(?:at (?P<place>[^:]+))?:\s*(?P<words>.+)$")
_SETTING = re.compile(r"^(\w+) = (\S+)$")
_TAKES_WORDS = ("data", "question", "file", "by_hand")
_TAKES_SETTINGS = ("training", "deployment", "question", "file")
KINDS = tuple(kind.replace("_", " ") for kind in get_args(GoalKind))


class GoalUnclearError(Exception):
    """A condition that is none of those above; `ja` and `en` say what can be written."""

    def __init__(self, ja: str, en: str) -> None:
        self.ja, self.en = ja, en
        super().__init__(en)


@dataclass(frozen=True)
class Goal:
    """One thing that a learner has done when a section is finished. `name` is the same in both languages."""

    name: str
    line: int
    anchor: str
    kind: GoalKind
    words: str = ""
    """The file, the question, the kind of artifact, or what the learner says to have done."""
    settings: dict[str, JsonValue] = field(default_factory=dict)
    place: Place | None = None


def goal_of(name: str, line: int, anchor: str, condition: str) -> Goal:
    """The condition that stands behind `done NAME:`.

    Raises:
        GoalUnclearError: it is none of the conditions that are known.
    """
    kind = next((one for one in KINDS if re.match(rf"{one}(?:[ :]|$)", condition)), None)
    if kind is None:
        raise GoalUnclearError(f"使える条件: {'、'.join(KINDS)}", f"conditions: {', '.join(KINDS)}")
    rest = condition[len(kind) :].strip()
    known: GoalKind = next(one for one in get_args(GoalKind) if one.replace("_", " ") == kind)
    settings: dict[str, JsonValue] = {}
    place: Place | None = None
    if known in _TAKES_SETTINGS:
        rest, settings = _settings_of(f" {rest}")
    elif known == "by_hand":
        rest, place = _said_by_hand(rest)
    if bool(rest) != (known in _TAKES_WORDS):
        missing = known in _TAKES_WORDS
        raise GoalUnclearError(
            f"{kind} の後には{'言葉が要ります' if missing else '何も書けません'}",
            f"{'words are needed' if missing else 'nothing can stand'} behind {kind}",
        )
    return Goal(name, line, anchor, known, rest, settings, place)


def _settings_of(rest: str) -> tuple[str, dict[str, JsonValue]]:
    found = _WHERE.match(rest)
    assert found is not None
    if not found.group("settings"):
        return rest.strip(), {}
    settings: dict[str, JsonValue] = {}
    for one in found.group("settings").split(", "):
        setting = _SETTING.match(one.strip())
        if setting is None:
            raise GoalUnclearError(
                f"where の後は「設定 = 値」です: {one}", f"`SETTING = VALUE` stands behind where: {one}"
            )
        settings[setting.group(1)] = _value_of(setting.group(2))
    return found.group("before").strip(), settings


def _value_of(written: str) -> JsonValue:
    """A number or `true` as JSON has it, else the word."""
    try:
        value: JsonValue = json.loads(written)
    except ValueError:
        return written
    return value


def _said_by_hand(rest: str) -> tuple[str, Place | None]:
    found = _BY_HAND.match(rest)
    if found is None:
        raise GoalUnclearError(
            "「by hand: 言葉」か「by hand at 場所: 言葉」と書きます",
            "written as `by hand: WORDS` or `by hand at PLACE: WORDS`",
        )
    written = found.group("place")
    place: Place | None = next((one for one in get_args(Place) if one == written), None)
    if place != written:
        places = get_args(Place)
        raise GoalUnclearError(
            f"at の後に使える場所: {'、'.join(places)}", f"places behind at: {', '.join(places)}"
        )
    return found.group("words"), place
