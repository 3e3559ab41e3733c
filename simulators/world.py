"""Everything that runs in one process, and what the control port may set."""

from dataclasses import dataclass

from aiohttp import web

from simulators.abram.app import make_abram
from simulators.blacklist.app import make_blacklist
from simulators.blacklist.records import Records
from simulators.casper.app import make_casper
from simulators.casper.clients import Clients
from simulators.clock import Clock, Pace
from simulators.faults import FaultBoard
from simulators.mightycall.app import make_mightycall
from simulators.mightycall.center import ContactCenter
from simulators.options import Credentials, Options
from simulators.web import Service, bearer


@dataclass(frozen=True)
class World:
    clock: Clock
    pace: Pace
    faults: FaultBoard
    records: Records
    clients: Clients
    center: ContactCenter
    services: dict[str, Service]
    apps: dict[str, web.Application]


def make_world(options: Options, credentials: Credentials) -> World:
    clock, pace = Clock(), Pace(speed=options.speed)
    faults = FaultBoard(options.seed)
    records = Records(options.data_dir, options.seed, options.blacklisted_share)
    clients = Clients(options.seed, options.casper_found_share, options.casper_other_person_share)
    center = ContactCenter(options.data_dir, options.seed, clock, pace, faults)
    services = _make_services(credentials, faults)
    apps = {
        "blacklist": make_blacklist(services["blacklist"], records),
        "casper": make_casper(services["casper"], clients),
        "abram": make_abram(services["abram"], options.seed, options.checks_passed_share),
        "mightycall": make_mightycall(services["mightycall"], center),
    }
    return World(clock, pace, faults, records, clients, center, services, apps)


def _make_services(credentials: Credentials, faults: FaultBoard) -> dict[str, Service]:
    tokens = {
        "blacklist": credentials.blacklist_token,
        "casper": credentials.casper_token,
        "abram": credentials.abram_token,
    }
    services = {
        name: Service(name, "Authorization", bearer(token), faults)
        for name, token in tokens.items()
    }
    api_key = credentials.mightycall_api_key
    services["mightycall"] = Service("mightycall", "x-api-key", api_key, faults)
    return services
