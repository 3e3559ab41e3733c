"""How much of the access log no seal protects yet, for Prometheus.

Read from the table at each request, so it is the same in every process.
"""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.security import selectors
from common.clock import now


class AccessLogCollector(Collector):
    """Register it once: ``REGISTRY.register(AccessLogCollector())``."""

    def collect(self) -> Iterator[Metric]:
        unsealed = selectors.unsealed_records()
        oldest = unsealed.oldest_at
        age = (now() - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily(
            "tm_access_log_unsealed", "Records of the access log without a seal", unsealed.count
        )
        yield GaugeMetricFamily(
            "tm_access_log_oldest_unsealed_seconds", "Age of the oldest of them", max(age, 0.0)
        )
