"""What the configuration says of the MQTT broker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """[mqtt] off unless ``enabled``; ``tls`` checks the broker's certificate against the system's authorities."""

    enabled: bool = False
    host: str = "127.0.0.1"
    port: int = 1883
    prefix: str = "line400"
    username: str = ""
    password: str = ""
    tls: bool = False
