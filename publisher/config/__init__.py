"""config.toml -> Config; an unknown key is an error with its line."""

from publisher.config.load import ENVIRONMENT, load_config, parse_config
from publisher.config.model import Config
from publisher.config.transport import Outbox, SmtpServer

__all__ = ["ENVIRONMENT", "Config", "Outbox", "SmtpServer", "load_config", "parse_config"]
