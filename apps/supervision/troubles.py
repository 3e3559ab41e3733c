"""What is down at this moment, in sentences, with what waits for it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.filters import selectors as filters
from apps.ingest import selectors as ingest
from apps.telephony import selectors as telephony
from common.clock import moscow_minute

SERVICE_NAMES = {"abram": "Abram", "blacklist": "BlackList", "casper": "Casper"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is down or late: what, and what follows from it."""

    what: str
    follows: str


def troubles_now(now: datetime) -> list[Trouble]:
    """Everything that is down or late, telephony first, since it stops the calls."""
    return [*_telephony(now), *_services(), *_streams(now)]


def _telephony(now: datetime) -> list[Trouble]:
    trouble = telephony.telephony_trouble(now)
    found = []
    if trouble.requests and trouble.oldest_at:
        what = _("MightyCall takes no calls since %(moment)s (Moscow time)") % {
            "moment": moscow_minute(trouble.oldest_at)
        }
        text = ngettext("%(n)d request waits", "%(n)d requests wait", trouble.requests)
        found.append(Trouble(what, text % {"n": trouble.requests}))
    if trouble.sessions:
        text = ngettext("%(n)d operator waits", "%(n)d operators wait", trouble.sessions)
        found.append(
            Trouble(_("MightyCall does not confirm sessions"), text % {"n": trouble.sessions})
        )
    if trouble.feeds:
        text = ngettext("of %(n)d operator", "of %(n)d operators", trouble.feeds)
        found.append(Trouble(_("Events of MightyCall cannot be read"), text % {"n": trouble.feeds}))
    return found


def _services() -> list[Trouble]:
    backlog = filters.backlog()
    waiting = {one.service: one.verdicts for one in backlog.waiting}
    found = []
    for service, is_down in sorted(backlog.breakers.items()):
        if is_down:
            verdicts = waiting.get(service, 0)
            text = ngettext("%(n)d application waits", "%(n)d applications wait", verdicts)
            what = _("%(service)s does not answer") % {
                "service": SERVICE_NAMES.get(service, service)
            }
            found.append(Trouble(what, text % {"n": verdicts}))
    return found


def _streams(now: datetime) -> list[Trouble]:
    overdue = [
        Trouble(
            _("No file in the data stream %(stream)s") % {"stream": stream.name},
            _("the last one came at %(moment)s (Moscow time)")
            % {"moment": moscow_minute(stream.last_file_at)}
            if stream.last_file_at
            else _("none has ever come"),
        )
        for stream in ingest.overdue_streams(now)
    ]
    wrong = [
        Trouble(_("The description of a data stream is wrong"), mistake)
        for _place, mistake in sorted(ingest.wrong_descriptions().items())
    ]
    return [*overdue, *wrong]
