"""Reading what ``/metrics`` tells."""

from collections import Counter

from prometheus_client.parser import text_string_to_metric_families


class Figures:
    """The samples of one scrape: by name, and labels in the order of their names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples = {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __call__(self, *name: str) -> float:
        return self.samples.get(name, 0)

    def summed(self, name: str) -> float:
        return sum(value for key, value in self.samples.items() if key[0] == name)

    def reads(self) -> Counter:
        return Counter(
            {key[1:]: int(value) for key, value in self.samples.items() if key[0] == "torg_cache_reads_total"}
        )
