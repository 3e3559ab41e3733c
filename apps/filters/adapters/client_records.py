"""Collects what the loans domain knows about a client, for the client card."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any, cast

from apps.arm.types import ClientRecord
from apps.filters.adapters import card_mapping
from apps.filters.facts import COLUMNS, ApplicationFacts, ClientAnswer, ProductsAnswer
from apps.filters.integrations import abram, casper
from apps.filters.judging.service_calls import features
from apps.filters.models import Application
from apps.filters.types import ApplicationKey
from common.service_errors import ServiceError

PATIENCE_SECONDS = 3.0  # the operator is talking already
CARDS_AT_ONCE = 16


class LoanRecords:
    """Port ``arm.ports.ClientRecords``.

    The application itself is always there. Casper and Abram are asked in parallel. An answer that
    does not come in time is replaced by the one kept in the task, or else named in ``unavailable``.
    """

    def record_of(
        self, phone: str, client_info: Mapping[str, Any], source_key: str
    ) -> ClientRecord:
        """The client's names, products and offers. Waits ``PATIENCE_SECONDS`` at most."""
        facts = _application(source_key)
        client, products = _ask(phone, client_info, facts)
        if client is None and "casper" in client_info:
            client = ClientAnswer(client_info["casper"])
        if products is None and "abram" in client_info:
            kept = client_info["abram"]
            products = ProductsAnswer(kept["borrower_type"], tuple(kept["products"]))
        trace = client.client or {} if client else {}
        missing = {"applications": client is None, "offers": products is None}
        return ClientRecord(
            name_ru=card_mapping.name(trace.get("full_name_ru")) or _own_name(client_info),
            name_en=card_mapping.name(trace.get("full_name_en")),
            citizenship=card_mapping.country(
                trace.get("citizenship") or client_info.get("citizenship")
            ),
            born_on=card_mapping.day(trace.get("birth_date") or client_info.get("birth_date")),
            products=card_mapping.products(trace, facts),
            offers=tuple(map(card_mapping.offer, products.products)) if products else (),
            unavailable=tuple(part for part, is_missing in missing.items() if is_missing),
        )


@cache
def _executor() -> ThreadPoolExecutor:
    """Made at its first use: threads made earlier would not survive the fork of a worker."""
    return ThreadPoolExecutor(CARDS_AT_ONCE, thread_name_prefix="client-records")


def _ask(
    phone: str, client_info: Mapping[str, Any], facts: ApplicationFacts | None
) -> tuple[ClientAnswer | None, ProductsAnswer | None]:
    """Casper's and Abram's answers; None for one that failed or did not come in time."""
    documents = (facts.document_series, facts.document_number) if facts else ("", "")
    client: Future[ClientAnswer] = _executor().submit(
        casper.find_client, phone, client_info.get("device_id", ""), *documents
    )
    known = features(facts) if facts else {"phone": phone}
    products: Future[ProductsAnswer] = _executor().submit(abram.find_products, known)
    wait([cast("Future[Any]", client), products], timeout=PATIENCE_SECONDS)
    return _result(client), _result(products)


def _result(future: "Future[Any]") -> Any:
    if not future.done():
        future.cancel()
        return None
    try:
        return future.result()
    except ServiceError:
        return None  # logged by the client of the service


def _application(source_key: str) -> ApplicationFacts | None:
    key = ApplicationKey.parse(source_key)
    if key is None:
        return None
    row = Application.objects.filter(pk=key.application_id).values_list(*COLUMNS).first()
    return ApplicationFacts._make(row) if row else None


def _own_name(client_info: Mapping[str, Any]) -> Any:
    return card_mapping.name(
        {
            "first": client_info.get("first_name"),
            "last": client_info.get("last_name"),
            "middle": client_info.get("middle_name"),
        }
    )
