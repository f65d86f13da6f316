"""``line400 models``: which recognition models there are and which are here; fetch one, or take one from a path."""

from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from asr.models import CATALOGUE, find_model, install, installed
from service.cli_common import ConfigOption, complaints, out, told
from service.config import load_config
from service.from_config import models_folder

models_app = typer.Typer(no_args_is_help=True, add_completion=False)


@models_app.command("list")
def list_(config: ConfigOption = None) -> None:
    """列出模型 / List the models by name, and those that are installed."""
    with told():
        folder = models_folder(load_config(config))
        here = {model.name: model for model in installed(folder)}
        chosen = find_model(folder, None)
    for entry in CATALOGUE:
        mark = "已安装 / installed" if entry.name in here else "未安装 / not installed"
        out.print(f"{entry.name:<28}{entry.engine:<9}{entry.size / 1e6:>6.0f} MB  {entry.licence:<11}{mark}")
        out.print(f"    {entry.about}")
    for model in here.values():
        if model.name not in {entry.name for entry in CATALOGUE}:
            out.print(f"{model.name:<28}{model.engine:<9}{'':>9}  {'':<11}已安装 / installed")
    out.print(f"文件夹 / folder: {folder}")
    out.print(f"默认使用 / used unless configured: {chosen.name if chosen else '无 / none'}")


@models_app.command("install")
def install_(
    name: Annotated[
        str, typer.Argument(help="模型名，或文件夹、压缩包的路径 / a name, or the path of a folder or archive")
    ],
    config: ConfigOption = None,
) -> None:
    """安装模型 / Install a model by name (its SHA-256 is checked) or from a path (without a network)."""
    with told():
        folder = models_folder(load_config(config))
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=complaints,
        ) as bar:
            task = bar.add_task(name, total=None)

            def moved(done: int, size: int) -> None:
                bar.update(task, total=size or None, completed=done)

            path = install(name, folder, moved)
    out.print(f"已安装 / installed: {path}")
