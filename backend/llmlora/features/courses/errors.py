"""What can be wrong with a course that is asked for, and with a tick."""

from llmlora.kit.errors import ConflictError, NotFoundError


class CourseNotFoundError(NotFoundError):
    """There is no course of that level."""

    code = "course_not_found"
    ja = "レベル {level} の講座はありません。{known}から選んでください。"
    en = "There is no course of level {level}. Choose {known}."


class GoalNotFoundError(NotFoundError):
    """The course has no goal of that name."""

    code = "course_goal_not_found"
    ja = "レベル {level} の講座に「{goal}」はありません。ページを開き直してください。"
    en = "The course of level {level} has no “{goal}”. Load the page again."


class CourseFileNotFoundError(NotFoundError):
    """The course names no such file."""

    code = "course_file_not_found"
    ja = "レベル {level} の講座にファイル「{name}」はありません。ページを開き直してください。"
    en = "The course of level {level} has no file “{name}”. Load the page again."


class GoalSeenError(ConflictError):
    """Nobody ticks by hand what is judged by what is there."""

    code = "course_goal_seen"
    ja = "この項目の印は、済んだことが確認できると自動で付きます。手順の「開く」から進めてください。"
    en = "This item ticks itself when it is seen done. Open the page that it links to and do it there."
