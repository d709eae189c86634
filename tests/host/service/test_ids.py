import time
import uuid

from host.service.ids import uuid7


def test_version_and_variant_are_those_of_rfc_9562() -> None:
    made = uuid.UUID(uuid7())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_the_first_48_bits_are_milliseconds_since_1970() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(uuid7()).int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_sort_as_they_were_made_and_never_repeat() -> None:
    made = []
    for _ in range(500):
        made.append(uuid7())
        time.sleep(1e-6)
    assert made == sorted(made)
    assert len(set(made)) == 500
