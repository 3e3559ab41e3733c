"""What the control port shows, as JSON and as a page."""

from dataclasses import asdict

from aiohttp import web

from simulators.web import Json
from simulators.world import World

WORLD = web.AppKey("world", World)


def state_of(world: World) -> Json:
    return {
        "clock": {"offset_sec": world.clock.offset_sec, "now": world.clock.now_text()},
        "pace": asdict(world.pace),
        "faults": world.faults.as_json(),
        "answers": {name: dict(service.requests) for name, service in world.services.items()},
        "blacklist": {"written_records": world.records.count()},
        "mightycall": world.center.state(),
    }
