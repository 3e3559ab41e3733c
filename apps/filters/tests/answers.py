"""Parts of the services' answers, as the tests need them."""

# a loan as Casper describes it
DEAL = {
    "number": "31000001",
    "status": "received",
    "product": "express",
    "requested_amount": 120000,
    "approved_amount": 100000.5,
    "term": 21,
    "term_unit": "day",
    "grace": 3,
    "grace_unit": "day",
    "interest_rate": 0.8,
    "started_at": "2026-10-01T10:00:00Z",
    "ended_at": "2026-10-22T10:00:00Z",
    "documents": [
        {
            "name": "Селфи/ДУЛ",
            "status": "ERROR",
            "errors": [{"error_description": "Плохое качество", "advice": "Дождитесь фокуса"}],
            "advice": "Дождитесь фокуса",
        }
    ],
}
