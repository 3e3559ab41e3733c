"""The `contact-center` transport: sessions, call tasks and events over HTTP."""

import sqlite3
from typing import Any

from aiohttp import web

from simulators.mightycall.agents import STATUSES
from simulators.mightycall.center import ContactCenter
from simulators.mightycall.events import ACCOUNT, Page, agent_feed
from simulators.web import Json, RequestError, read_object

BATCH_TASKS = 100
PAGE_EVENTS, PAGE_EVENTS_MAX = 100, 1_000
WAIT_SEC_MAX = 30
CENTER = web.AppKey("center", ContactCenter)


def add_contact_center(app: web.Application, center: ContactCenter) -> None:
    app[CENTER] = center
    root = "/enterprise/v1"
    app.router.add_post(f"{root}/agent-sessions", open_session)
    app.router.add_delete(f"{root}/agent-sessions/{{id}}", close_session)
    app.router.add_put(f"{root}/agents/{{ext}}/status", put_status)
    app.router.add_get(f"{root}/agents/{{ext}}/events", agent_events)
    app.router.add_get(f"{root}/events", account_events)
    app.router.add_post(f"{root}/call-tasks", add_tasks)
    app.router.add_get(f"{root}/call-tasks", find_task)
    app.router.add_delete(f"{root}/call-tasks", remove_task)


async def open_session(request: web.Request) -> web.Response:
    body, center = await read_object(request), request.app[CENTER]
    extension, external_id = _text(body, "extension"), _text(body, "externalSessionId")
    campaign_ids = body.get("campaignIds", [])
    if not isinstance(campaign_ids, list):
        raise RequestError(400, "BAD_REQUEST", "campaignIds must be a list")
    ids = [str(campaign_id) for campaign_id in campaign_ids]
    session, is_new = center.agents.open_session(extension, external_id, ids)
    center.nudge()
    body = {
        "sessionId": session["id"],
        "state": session["state"],
        "openedAt": session["opened_at"],
    }
    return web.json_response({"data": body}, status=201 if is_new else 200)


async def close_session(request: web.Request) -> web.Response:
    session_id = request.match_info["id"]
    state = request.app[CENTER].agents.close_session(session_id, "Requested")
    body = {"data": {"sessionId": session_id, "state": state}}
    return web.json_response(body, status=202 if state == "Closing" else 200)


async def put_status(request: web.Request) -> web.Response:
    body, center = await read_object(request), request.app[CENTER]
    status, extension = body.get("status"), request.match_info["ext"]
    if status not in STATUSES:
        raise RequestError(400, "BAD_STATUS", f"status must be one of {', '.join(STATUSES)}")
    center.agents.set_status(extension, status)
    center.nudge()
    return web.json_response({"data": {"extension": extension, "status": status}})


async def add_tasks(request: web.Request) -> web.Response:
    body, center = await read_object(request), request.app[CENTER]
    tasks = body.get("tasks")
    if not isinstance(tasks, list) or not tasks:
        raise RequestError(400, "BAD_REQUEST", "tasks must be a list of at least one task")
    if len(tasks) > BATCH_TASKS:
        raise RequestError(413, "TOO_MANY_TASKS", f"at most {BATCH_TASKS} tasks at once")
    receipts = center.queue.add(tasks)
    center.nudge()
    return web.json_response({"data": receipts})


async def find_task(request: web.Request) -> web.Response:
    task = request.app[CENTER].queue.find(_external_id(request))
    return web.json_response({"data": _task_as_json(task)})


async def remove_task(request: web.Request) -> web.Response:
    task = request.app[CENTER].queue.remove(_external_id(request))
    return web.json_response({"data": _task_as_json(task)})


async def agent_events(request: web.Request) -> web.Response:
    extension = request.match_info["ext"]
    request.app[CENTER].agents.touch(extension)
    return await _events(request, agent_feed(extension))


async def account_events(request: web.Request) -> web.Response:
    return await _events(request, ACCOUNT)


async def _events(request: web.Request, feed: str) -> web.Response:
    """Events after the cursor; with none yet, wait for one for at most ``waitSec`` seconds."""
    log = request.app[CENTER].events
    cursor = request.query.get("cursor") or None
    limit = _whole_number(request, "limit", PAGE_EVENTS, 1, PAGE_EVENTS_MAX)
    wait_sec = _whole_number(request, "waitSec", 0, 0, WAIT_SEC_MAX)
    page = log.read(feed, cursor, limit)
    if not page.events and wait_sec:
        await log.wait(feed, wait_sec)
        page = log.read(feed, page.next_cursor, limit)
    return web.json_response(_page_as_json(page))


def _page_as_json(page: Page) -> Json:
    return {"events": page.events, "nextCursor": page.next_cursor, "hasMore": page.has_more}


def _task_as_json(task: sqlite3.Row) -> Json:
    return {
        "externalId": task["external_id"],
        "taskId": task["id"],
        "state": task["state"],
        "campaignId": task["campaign_id"],
        "priority": task["priority"],
        "addedAt": task["added_at"],
        "expiresAt": task["expires_at"],
        "endedAt": task["ended_at"],
        "callId": task["call_id"],
        "systemDisposition": task["disposition"],
    }


def _text(body: Json, key: str) -> str:
    value: Any = body.get(key)
    if not isinstance(value, str) or not value:
        raise RequestError(400, "BAD_REQUEST", f"{key} must be a text that is not empty")
    return value


def _external_id(request: web.Request) -> str:
    external_id = request.query.get("externalId")
    if not external_id:
        raise RequestError(400, "BAD_REQUEST", "externalId is missing")
    return external_id


def _whole_number(request: web.Request, name: str, otherwise: int, low: int, high: int) -> int:
    """A whole number, clamped to its bounds. Raises RequestError 400 for anything else."""
    text = request.query.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal():
        raise RequestError(400, "BAD_REQUEST", f"{name} must be a whole number")
    return max(low, min(int(text), high))
