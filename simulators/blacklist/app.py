"""BlackList over HTTP."""

from typing import Any

from aiohttp import web

from simulators.blacklist.query import BadQueryError, parse
from simulators.blacklist.records import Record, Records
from simulators.clock import from_text, to_text
from simulators.web import Json, RequestError, Service, make_app, read_object

RECORDS = web.AppKey("records", Records)
TEXT_FIELDS = ("phone", "device_id", "reason")


def make_blacklist(service: Service, records: Records) -> web.Application:
    app = make_app(service)
    app[RECORDS] = records
    app.router.add_post("/api/v2/records/search", search)
    app.router.add_post("/api/v2/records", create)
    app.router.add_put("/api/blacklist/", update)
    app.router.add_delete("/api/blacklist/", delete)
    return app


async def search(request: web.Request) -> web.Response:
    body = await read_object(request)
    try:
        condition = parse(body.get("query"))
    except BadQueryError as error:
        raise RequestError(400, "BAD_QUERY", str(error)) from error
    return web.json_response({"records": request.app[RECORDS].search(condition)})


async def create(request: web.Request) -> web.Response:
    record = create_record(request.app[RECORDS], await read_object(request))
    return web.json_response({"record": record}, status=201)


async def update(request: web.Request) -> web.Response:
    body = await read_object(request)
    record = request.app[RECORDS].update(_id_of(body), _read_fields(body))
    if record is None:
        raise RequestError(404, "NOT_FOUND", "no record of that id")
    return web.json_response({"record": record})


async def delete(request: web.Request) -> web.Response:
    """Delete one record. Some HTTP clients send no body with DELETE: they give the id in the
    address.
    """
    query_id = request.query.get("id")
    record_id = query_id or _id_of(await read_object(request))
    if not request.app[RECORDS].delete(record_id):
        raise RequestError(404, "NOT_FOUND", "no record of that id")
    return web.json_response({"id": record_id, "deleted": True})


def create_record(records: Records, body: Json) -> Record:
    """Create a record; the control port uses this too. Raises RequestError 400."""
    fields = {"reason": "", **_read_fields(body)}
    if not fields.get("phone") and not fields.get("device_id"):
        raise RequestError(400, "BAD_RECORD", "a record needs a phone or a device_id")
    return records.create(fields)


def _id_of(body: Json) -> str:
    record_id = body.get("id")
    if not isinstance(record_id, str) or not record_id:
        raise RequestError(400, "BAD_RECORD", "id is missing")
    return record_id


def _read_fields(body: Json) -> Record:
    """The fields that the body has, checked. Raises RequestError 400."""
    fields: Record = {}
    for name in TEXT_FIELDS:
        if name in body:
            fields[name] = _text_or_none(name, body[name])
    if "blocked_until" in body:
        fields["blocked_until"] = _moment_or_none(body["blocked_until"])
    return fields


def _text_or_none(name: str, value: Any) -> str | None:
    if value is None and name != "reason":
        return None
    if not isinstance(value, str):
        raise RequestError(400, "BAD_RECORD", f"{name} must be a text")
    return value


def _moment_or_none(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return to_text(from_text(value))
    except (TypeError, ValueError) as error:
        message = "blocked_until must be an ISO date-time or null"
        raise RequestError(400, "BAD_RECORD", message) from error
