"""``line400 models``: placeholder until written."""

import typer

models_app = typer.Typer(help="语音识别模型 / recognition models", no_args_is_help=True)
