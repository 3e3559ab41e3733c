"""Options from the command line, credentials from the environment."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    host: str
    ports: dict[str, int]  # by name of the service; 0: any free port
    data_dir: Path | None  # None: nothing is kept after the end
    seed: int
    speed: float
    blacklisted_share: float
    casper_found_share: float
    casper_other_person_share: float
    checks_passed_share: float


@dataclass(frozen=True)
class Credentials:
    """What requests must send; a service with an empty credential asks for none."""

    blacklist_token: str
    casper_token: str
    abram_token: str
    mightycall_api_key: str


DEFAULT_PORTS = {
    "blacklist": 9101,
    "casper": 9102,
    "abram": 9103,
    "mightycall": 9104,
    "control": 9105,
}


def read_options(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    for name, port in DEFAULT_PORTS.items():
        parser.add_argument(f"--{name}-port", type=int, default=port, help="0: a free one")
    parser.add_argument("--data-dir", type=Path, help="where state is kept over a restart")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same data")
    parser.add_argument("--speed", type=_positive, default=1.0, help="calls go so much faster")
    parser.add_argument("--blacklisted-share", type=_share, default=0.03)
    parser.add_argument("--casper-found-share", type=_share, default=0.85)
    parser.add_argument("--casper-other-person-share", type=_share, default=0.03)
    parser.add_argument("--checks-passed-share", type=_share, default=0.9)
    given = parser.parse_args(arguments)
    return Options(
        given.host,
        {name: getattr(given, f"{name}_port") for name in DEFAULT_PORTS},
        given.data_dir,
        given.seed,
        given.speed,
        given.blacklisted_share,
        given.casper_found_share,
        given.casper_other_person_share,
        given.checks_passed_share,
    )


def read_credentials() -> Credentials:
    return Credentials(
        os.environ.get("BLACKLIST_TOKEN", ""),
        os.environ.get("CASPER_TOKEN", ""),
        os.environ.get("ABRAM_TOKEN", ""),
        os.environ.get("MIGHTYCALL_API_KEY", ""),
    )


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("expected a share from 0 to 1")
    return share


def _positive(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return number
