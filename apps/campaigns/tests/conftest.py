from tests.fakes import core_alone, dialer, guard

__all__ = ["core_alone", "dialer", "guard"]
