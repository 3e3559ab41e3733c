"""Configuration files: YAML text in, checked values or a ``ConfigError`` out."""

from common.configuration.places import ConfigError, Mistake, Place
from common.configuration.reader import Configured, read
from common.configuration.values import each_once, expecting, one_of, text, whole, wrong
from common.configuration.yaml_text import parse_yaml, read_yaml, write_yaml

__all__ = [
    "ConfigError",
    "Configured",
    "Mistake",
    "Place",
    "each_once",
    "expecting",
    "one_of",
    "parse_yaml",
    "read",
    "read_yaml",
    "text",
    "whole",
    "write_yaml",
    "wrong",
]
