"""`python -m simulators`: all services as HTTP servers in one process, until SIGTERM."""

import asyncio
import json
import signal

from aiohttp import web

from simulators.control.app import make_control
from simulators.options import Options, read_credentials, read_options
from simulators.world import World, make_world

SHUTDOWN_SEC = 0.5  # for requests in progress; those that hang or poll would take much longer
BACKLOG = 1024  # 500 agents may connect at the same moment


async def serve(options: Options) -> None:
    stop_requested = _listen_for_signals()
    world = make_world(options, read_credentials())
    world.center.start()
    runners = {name: _runner(app) for name, app in _apps(world).items()}
    ports = {name: await _listen(options, name, runner) for name, runner in runners.items()}
    print(json.dumps(ports), flush=True)
    await stop_requested.wait()
    await asyncio.gather(*(runner.cleanup() for runner in runners.values()))
    await world.center.stop()
    world.records.close()


def _apps(world: World) -> dict[str, web.Application]:
    return {**world.apps, "control": make_control(world)}


def _runner(app: web.Application) -> web.AppRunner:
    return web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SEC
    )


async def _listen(options: Options, name: str, runner: web.AppRunner) -> int:
    await runner.setup()
    site = web.TCPSite(runner, options.host, options.ports[name], backlog=BACKLOG)
    await site.start()
    port: int = runner.addresses[0][1]
    return port


def _listen_for_signals() -> asyncio.Event:
    requested = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, requested.set)
    return requested


if __name__ == "__main__":
    asyncio.run(serve(read_options()))
