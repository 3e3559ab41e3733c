from tests.fakes import core_alone, dialer, guard, records, sessions

__all__ = ["core_alone", "dialer", "guard", "records", "sessions"]
