"""A graph of ONNX, node by node."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.errors import InputError

FILE = "model.onnx"
OPSET, IR = 17, 8
MOST = 2**31 - 2**20  # bytes of a file of ONNX
INT64, FLOAT = 7, 1  # as ONNX numbers the types of numbers
END = 2**62  # beyond the last place of any axis
Value = str | int | float | list[int]


def packages() -> tuple[Any, Any]:
    """The modules `onnx` and `onnxruntime`; `InputError` where one is missing."""
    try:
        import onnx
        import onnxruntime
    except ImportError:
        raise InputError("onnx and onnxruntime are not installed: pip install convlens[onnx]") from None
    return onnx, onnxruntime


class OnnxGraph:
    """Nodes in the order in which they are added, over the input `ids` (B, T) int64 and named weights."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self.onnx, _ = packages()
        if (size := sum(array.nbytes for array in weights.values())) > MOST:
            raise InputError(
                f"the weights have {size:,} bytes, and a file of ONNX holds 2 GiB: leave words out with 'convlens prune --words', "
                "or export to torch"
            )
        self.constants: dict[str, NDArray[Any]] = dict(weights)
        self.nodes: list[Any] = []

    def add(self, operation: str, *inputs: Value, name: str = "", **attributes: Any) -> str:
        """Add a node and give the name of its first output; inputs are names, numbers, or lists of whole numbers."""
        output = name or f"{operation}.{len(self.nodes)}"
        names = [value if isinstance(value, str) else self._constant(value) for value in inputs]
        outputs = [output, f"{output}.places"] if operation == "TopK" else [output]
        self.nodes.append(self.onnx.helper.make_node(operation, names, outputs, **attributes))
        return output

    def _constant(self, value: float | list[int]) -> str:
        name = f"constant.{value}"
        self.constants[name] = np.array(value, np.float32 if isinstance(value, float) else np.int64)
        return name

    def size(self, value: str, axis: int) -> str:
        """How long a value is along an axis: a scalar."""
        return self.add("Gather", self.add("Shape", value), axis)

    def count(self, size: str) -> str:
        """The numbers from 0 to a size: (size,)."""
        return self.add("Range", 0, size, 1)

    def number(self, condition: str) -> str:
        """A condition as 0 or 1."""
        return self.add("Cast", condition, to=INT64)

    def dense(self, x: str, layer: str, name: str = "") -> str:
        """A linear layer over rows (B, i), by the name of its weights (o, i) and biases (o,)."""
        return self.add("Gemm", x, f"{layer}.weight", f"{layer}.bias", transB=1, name=name)

    def write(self, path: Path, title: str, outputs: Mapping[str, tuple[int, list[Any]]]) -> None:
        """Write the model: `outputs` are types and shapes by name, a string for a dimension that is not fixed."""
        helper = self.onnx.helper
        infos = [helper.make_tensor_value_info(name, *shape) for name, shape in outputs.items()]
        ids = helper.make_tensor_value_info("ids", INT64, ["B", "T"])
        arrays = [self.onnx.numpy_helper.from_array(array, name) for name, array in self.constants.items()]
        graph = helper.make_graph(self.nodes, title, [ids], infos, arrays)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR, producer_name="convlens")
        self.onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString())
