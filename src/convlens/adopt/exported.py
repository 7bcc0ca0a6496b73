"""Programs of `torch.export` (.pt2), read as steps from their JSON: torch's own loader unpickles and evaluates what is in them."""

import math
import operator
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from convlens.adopt.graph import CannotRead, place_in_code
from convlens.adopt.operations import AFFINE, MAXIMA, NAMED, POINTWISE, SQUASHES
from convlens.adopt.steps import Entry, Of, Step, Steps
from convlens.decoding import decode
from convlens.errors import InputError
from convlens.shown import listed, shown

LARGEST = 2**26  # bytes of a description
AGAIN = "save the program again with torch.export.save"
TYPES = {  # by their numbers in a program
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
PLACES = ("as_memory_format", "as_layout", "as_device")  # where values are kept, which makes no difference
PLAIN = ("as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_bools", "as_string")
OF_SIZES = {  # functions of Python, on sizes
    *("add", "sub", "mul", "floordiv", "truediv", "mod", "neg", "eq", "ne", "lt", "le", "gt", "ge"),
}
OF_NUMBERS = {  # operations that make sizes and masks
    *("sym_size", "arange", "full", "full_like", "zeros", "zeros_like", "ones", "ones_like", "scalar_tensor"),
    *("where", "masked_fill", "remainder"),
    *("eq", "ne", "lt", "le", "gt", "ge", "logical_not", "logical_and", "logical_or", "bitwise_not"),
}
KNOWN = AFFINE | MAXIMA | POINTWISE | SQUASHES | OF_NUMBERS
Json = dict[str, Any]


def load_exported(path: Path, words: int | None) -> Steps:
    """The network of a program, which takes texts of so many words if that is known.

    `InputError` for a file that is no such program or has operators of its own; `CannotRead` names operations that are not read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            network = _network(_Archive(archive, path))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise InputError(f"{path} is no exported program ({shown(str(error), 100)}): {AGAIN}") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} is no exported program that torch {torch.__version__} writes ({type(error).__name__}: {shown(str(error), 100)}): "
            f"{AGAIN}"
        ) from None
    network.try_out(torch.zeros(1, network.length or words or 48, dtype=torch.int64))
    return network


class _Archive:
    """The entries of a file, which lie in one folder."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self.archive, self.path = archive, path
        self._weights: dict[str, tuple[Json, Tensor]] = {}
        self.entries = {info.filename.partition("/")[2]: info for info in archive.infolist()}

    def json(self, start: str, end: str) -> Json:
        """The one description whose name begins and ends so."""
        names = [name for name in self.entries if name.startswith(start) and name.endswith(end)]
        if len(names) != 1:
            raise InputError(f"{self.path} has {len(names)} {start}*{end}, and one is read: {AGAIN}")
        content = self.bytes(names[0], LARGEST, exactly=False).decode("utf-8", "replace")
        return decode(content, Json, f"{self.path}, its {names[0]},", AGAIN)

    def bytes(self, name: str, size: int, *, exactly: bool = True) -> bytes:
        """An entry of so many bytes, or of as many at most; it is not read where it is larger."""
        info = self.entries[name]
        if info.compress_type != zipfile.ZIP_STORED:
            raise InputError(f"{self.path} is compressed, which no exported program is: {AGAIN}")
        if info.file_size > size or (exactly and info.file_size != size):
            raise InputError(
                f"{self.path}: {shown(name)} has {info.file_size:,} bytes, expected {size:,}: {AGAIN}"
            )
        return self.archive.read(info)

    def tensors(self, kind: str) -> dict[str, Tensor]:
        """The weights or constants by their names."""
        config = self.json(f"data/{kind}/", ".json")["config"]
        return {
            name: self._tensor(f"data/{kind}/{entry['path_name']}", entry) for name, entry in config.items()
        }

    def _tensor(self, name: str, entry: Json) -> Tensor:
        if entry["use_pickle"]:
            raise InputError(f"{self.path}: {shown(name)} is pickled, and nothing is unpickled here: {AGAIN}")
        meta = entry["tensor_meta"]
        if (
            name in self._weights
        ):  # two layers may share theirs, and not fill the memory with others of the same bytes
            same, tensor = self._weights[name]
            if same != meta:
                raise ValueError(f"{name} is of two shapes")
            return tensor
        kind, sizes = TYPES[meta["dtype"]], [size["as_int"] for size in meta["sizes"]]
        strides = [stride["as_int"] for stride in meta["strides"]]
        if min((0, *sizes, *strides)) < 0 or meta["storage_offset"]["as_int"]:
            raise ValueError(f"{name} has odd sizes")
        reach = 1 + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
        count = 0 if 0 in sizes else reach
        content = self.bytes(name, count * kind.itemsize)
        flat = torch.from_numpy(np.frombuffer(content, np.uint8).copy()).view(kind)
        if math.prod(sizes) > count:
            raise ValueError(f"{name} repeats its numbers")
        self._weights[name] = meta, flat.as_strided(sizes, strides).clone()
        return self._weights[name][1]


def _network(archive: _Archive) -> Steps:
    program = archive.json("models/", ".json")
    graph = program["graph_module"]["graph"]
    signature = program["graph_module"]["signature"]
    tensors = {"parameter": archive.tensors("weights"), "tensor_constant": archive.tensors("constants")}
    tensors["buffer"] = tensors["parameter"] | tensors["tensor_constant"]
    constants, inputs = {}, []
    for spec in signature["input_specs"]:
        ((kind, value),) = spec.items()
        if kind == "user_input":
            inputs.append(value["arg"]["as_tensor"]["name"])
        else:
            constants[value["arg"]["name"]] = tensors[kind][value[f"{kind}_name"]]
    if len(inputs) != 1:
        raise CannotRead(
            f"the program takes {len(inputs)} inputs ({listed(inputs)}), and must take word numbers alone"
        )
    outputs = [spec.get("user_output") for spec in signature["output_specs"]]
    if None in outputs:
        raise InputError("the program changes its own weights, as in training: export network.eval()")
    steps = [step for node in graph["nodes"] for step in _steps(node)]
    ends = [one["arg"]["as_tensor"]["name"] for one in outputs]
    return Steps(_entry(inputs[0], graph["tensor_values"][inputs[0]]), constants, steps, ends)


def _entry(name: str, meta: Json) -> Entry:
    sizes = [size.get("as_int") for size in meta["sizes"]]
    if len(sizes) != 2:
        raise CannotRead(
            f"its input {name} has {len(sizes)} dimensions, and word numbers have two (texts, words)"
        )
    if sizes[0] not in (None, 1):
        raise InputError(
            f"this program takes {sizes[0]} texts at once: export it for one, or with a free number of texts"
        )
    return Entry(name, TYPES[meta["dtype"]], alone=sizes[0] == 1, words=sizes[1])


def _steps(node: Json) -> Iterator[Step]:
    """A node as a step; none for what only asserts."""
    outputs = list(_names(node["outputs"]))
    if not outputs:
        return
    function, name = _function(node["target"], node["metadata"])
    arguments, options = [], {}
    for one in node["inputs"]:
        ((kind, value),) = one["arg"].items()
        if one["name"] in ("train", "training") and value:
            raise InputError("the program was exported in training mode: export network.eval()")
        if kind in PLACES:
            continue
        if one["kind"] == 1:
            arguments.append(_argument(kind, value))
        else:
            options[one["name"]] = _argument(kind, value)
    place = place_in_code(name, str(node["metadata"].get("stack_trace") or ""))
    yield Step(function, name, place, tuple(arguments), tuple(outputs), options, name == "sym_size")


def _function(target: str, metadata: Mapping[str, Any]) -> tuple[Any, str]:
    """A function by its name in a program, and the name of its operation: only those of torch that text CNNs use."""
    python = re.fullmatch(r"_operator\.(\w+)", target)
    if python and python[1] in OF_SIZES:
        return getattr(operator, python[1]), python[1]
    own = re.fullmatch(r"torch\.ops\.aten\.(\w+?)(_?)\.(\w+)", target)
    if own is None:
        raise InputError(
            f"the program has an operator that is not torch's own ({shown(target)}): give the nn.Module in its place"
        )
    name, in_place, overload = own.groups()
    if name not in KNOWN:
        why = NAMED.get(name, "is no operation that text CNNs with exact answers use")
        place = place_in_code(name, str(metadata.get("stack_trace") or ""))
        raise CannotRead(f"{place} {why}, so no exact answer is known for this network")
    if name in ("to", "_to_copy"):
        return _converted, name
    packet = getattr(torch.ops.aten, name + in_place)
    return getattr(packet, overload), name


def _converted(x: Tensor, *arguments: Any, **options: Any) -> Tensor:
    """Another type for a tensor; devices make no difference here."""
    kinds = [one for one in (*arguments, *options.values()) if isinstance(one, torch.dtype)]
    return x.to(kinds[0]) if kinds else x


def _names(outputs: list[Json]) -> Iterator[str]:
    """The names of what a node gives: tensors, several of them, and sizes."""
    for output in outputs:
        ((kind, value),) = output.items()
        if kind == "as_tensor":
            yield value["name"]
        elif kind == "as_tensors":
            yield from (one["name"] for one in value)
        elif kind in ("as_sym_int", "as_sym_bool", "as_sym_float"):
            yield value["as_name"]


def _argument(kind: str, value: Any) -> Any:
    """An argument of a node, names of values as `Of`."""
    if kind == "as_none":
        return None
    if kind in PLAIN:
        return value
    if kind == "as_tensor":
        return Of(value["name"])
    if kind in ("as_sym_int", "as_sym_bool", "as_sym_float"):
        ((form, known),) = value.items()
        return Of(known) if form == "as_name" else known
    if kind in ("as_tensors", "as_sym_ints", "as_optional_tensors"):
        return [_element(one) for one in value]
    if kind == "as_scalar_type":
        return TYPES[value]
    raise ValueError(f"an argument of the kind {kind}")


def _element(value: Any) -> Any:
    if "name" in value:
        return Of(value["name"])
    ((kind, inner),) = value.items()
    if kind == "as_name":
        return Of(inner)
    return _argument(kind, inner)
