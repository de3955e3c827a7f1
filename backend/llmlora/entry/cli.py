"""The command line: `./llmlora COMMAND`. Exit codes are those of `kit.errors.AppError`; 130 means interrupted."""

import sys

import typer

from llmlora.entry.commands import datasets, models, recipes, services
from llmlora.entry.commands.chat import chat
from llmlora.entry.commands.check import check
from llmlora.entry.commands.demo import demo
from llmlora.entry.commands.doctor import doctor
from llmlora.entry.commands.export import export
from llmlora.entry.commands.test import run_tests
from llmlora.entry.commands.train import train
from llmlora.entry.console import err, report_error
from llmlora.kit.errors import AppError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From a file of examples to a tuned model that answers. 例文のファイルから、答えるモデルまで。",
)
app.command()(demo)
app.add_typer(datasets.app, name="datasets")
app.add_typer(models.app, name="models")
app.command()(train)
app.command()(export)
app.command()(chat)
app.add_typer(recipes.app, name="recipes")
app.add_typer(services.app, name="services")
app.command()(doctor)
app.command()(check)
app.command("test")(run_tests)


def main() -> None:
    """Run the command line and turn errors into messages and exit codes."""
    try:
        app()
    except AppError as error:
        sys.exit(report_error(error, as_json="--json" in sys.argv))
    except KeyboardInterrupt:
        err().print("中断しました。/ Interrupted.")
        sys.exit(130)


if __name__ == "__main__":
    main()
