"""``line400 check``: is the configuration right?"""

from service.cli_common import ConfigOption, out, told
from service.config import read_config
from service.config_surroundings import missing_model


def check(config: ConfigOption = None) -> None:
    """检查配置 / Check the configuration and the flows and surveys it names, and say what is wrong where."""
    with told():
        loaded = read_config(config, also=missing_model)
    for warning in loaded.warnings:
        out.print(f"注意 / warning: {warning}", style="yellow")
    checked = loaded.config
    out.print(
        f"配置正确 / configuration is right: trunks {len(checked.trunks)}, agents {len(checked.agents)}, "
        f"queues {len(checked.queues)}, numbers {len(checked.numbers)}, campaigns {len(checked.campaigns)}"
    )
