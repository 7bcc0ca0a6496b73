"""The engine of several machines: one reader, workers that each hold the model, this process writing.

Ray Data runs it. The reader runs on this machine, where the file and the folder are, so machines need share no
files; batches and parts travel through Ray's store, and its back-pressure bounds how many. A worker that dies
is started again and its batches are redone. Parts come back in their order.
"""

import logging
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numba
import torch

from convlens.errors import InputError
from convlens.models import Classifier, load, save
from convlens.models.saving import FILES
from convlens.scan.config import ScanConfig
from convlens.scan.making import Job, Maker, Part, there

try:
    import pandas
    import ray
    from ray.data import ActorPoolStrategy, DataContext, Dataset, Datasource, ReadTask, read_datasource
    from ray.data.block import BlockMetadata
    from ray.exceptions import RayError
except ImportError as error:
    raise InputError(f'Ray is not here ({error}): pip install "convlens[ray]"') from None

STORE = 2**29  # bytes of the store of a Ray that is started here
AHEAD = 2  # batches with a worker at a time: one to come while one is worked on


@contextmanager
def parts_on_ray(job: Job) -> Iterator[Iterator[Part]]:
    """The parts of a job, made by the workers of a Ray cluster, which is there when the block begins."""
    with _cluster(job.config), _quiet(), closing(_parts(job)) as parts:
        yield parts


def _parts(job: Job) -> Generator[Part, None, None]:
    model = ray.put(pack(job.classifier))
    reader = {f"node:{ray.util.get_node_ip_address()}": 0.001}
    batches = read_datasource(Batches(job), override_num_blocks=1, num_cpus=0, resources=reader)
    try:
        for row in _made(batches, model, job.config).iter_rows():
            yield row["part"]
    except RayError as error:
        raise explained(error) from error


def _made(batches: Dataset, model: Any, config: ScanConfig) -> Dataset:
    """The parts of the batches, by workers of one core each."""
    workers = config.workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
    pool = ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=AHEAD)
    return batches.map(
        Worker,
        fn_constructor_args=([model], config),  # in a list: else Ray would want it for every restart
        compute=pool,
        num_cpus=1,
    )


class Batches(Datasource):  # type: ignore[misc]
    """The batches of a job's file, a row each, read once from the beginning to the end."""

    def __init__(self, job: Job) -> None:
        self.source, self.folder, self.config = job.source.resolve(), job.folder.resolve(), job.config

    def estimate_inmemory_data_size(self) -> int | None:
        """Unknown."""
        return None

    def get_read_tasks(self, parallelism: int, *_: object, **__: object) -> list[ReadTask]:
        """One, whatever is asked for."""
        about = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(self._blocks, about)]

    def _blocks(self) -> Iterator[pandas.DataFrame]:
        for batch in self.config.open(self.source):
            part = there(batch, self.folder, self.config)
            yield pandas.DataFrame({"batch": [batch], "part": [part]})


class Worker:
    """Holds the model on one core; makes the part of a batch, unless it is there."""

    def __init__(self, model: list[Any], config: ScanConfig) -> None:
        torch.set_num_threads(1)
        numba.set_num_threads(1)
        self.make = Maker(unpack(ray.get(model[0])), config)

    def __call__(self, row: dict[str, Any]) -> dict[str, Part]:
        """A row of `Batches` to its part."""
        return {"part": row["part"] or self.make(row["batch"])}


def pack(classifier: Classifier) -> dict[str, bytes]:
    """The files of a model's folder."""
    with tempfile.TemporaryDirectory() as name:
        save(classifier, Path(name) / "model")
        return {file: (Path(name) / "model" / file).read_bytes() for file in FILES}


def unpack(files: dict[str, bytes]) -> Classifier:
    """The model of these files, on the CPU."""
    with tempfile.TemporaryDirectory() as name:
        for file, content in files.items():
            (Path(name) / file).write_bytes(content)
        return load(name)


@contextmanager
def _cluster(config: ScanConfig) -> Iterator[None]:
    """The Ray that is connected already, that at the address, or one of this machine for as long as it is needed."""
    if ray.is_initialized():
        yield
        return
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if config.address is None:
        options |= {"num_cpus": config.workers, "include_dashboard": False, "object_store_memory": STORE}
    with _environment(RAY_USAGE_STATS_ENABLED="0"):
        try:
            ray.init(config.address or "local", **options)
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = config.address or "this machine"
            raise InputError(f"cannot reach or start Ray at {where} ({error}): check --address") from None
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Environment variables for a moment."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _quiet() -> Iterator[None]:
    """Ray Data without bars and chatter, a block for each batch, in order."""
    log = logging.getLogger("ray.data")
    level, context = log.level, DataContext.get_current().copy()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.target_max_block_size = context.target_min_block_size = 1
    context.execution_options.preserve_order = True
    context.raise_original_map_exception = True  # its own words hide it
    try:
        with DataContext.current(context):
            log.setLevel(logging.CRITICAL)
            yield
    finally:
        log.setLevel(level)


def explained(error: RayError) -> InputError:
    """The `InputError` that reader or worker raised, or what to do about a Ray that gave up."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, InputError):
        return InputError(str(cause.args[0]).partition("\n")[0])  # Ray adds lines of its own
    said = "".join(str(cause).strip().splitlines()[:1])
    return InputError(
        f"Ray gave up ({type(cause).__name__}: {said}): go on with --resume, with fewer workers if memory is short"
    )
