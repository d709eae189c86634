"""Batches made by other processes, for a processor that eats faster than one process cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from quantize.data.mixture import Mixture


class Feed(IterableDataset):  # type: ignore[type-arg]
    """Endless batches of a mixture, crops as uint8: a quarter of the bytes between processes.

    Parameters
    ----------
    make
        Gives the mixture of one worker from its number, so that every worker draws other crops.
    batch
        Pictures of a batch.
    workers
        Processes that cut; they share the packed pictures of the process that starts them.
    """

    def __init__(self, make: Callable[[int], Mixture], batch: int, workers: int) -> None:
        self.make, self.batch, self.workers = make, batch, workers

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        worker = get_worker_info()
        mixture = self.make(worker.id if worker else 0)
        while True:
            crops, points = mixture.batch(self.batch)
            yield crops.to(torch.uint8), points

    def start(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Start the workers; they end with the iterator."""
        return iter(
            DataLoader(
                self,
                batch_size=None,
                num_workers=self.workers,
                prefetch_factor=4,
                pin_memory=torch.cuda.is_available(),
                multiprocessing_context="fork",
            )
        )
