"""Sixteen float32 or int32, or two float32, side by side as one Numba value, and what kernels do with them.

LLVM lowers `<16 x float>` on every CPU: to one register, or to two or four smaller ones. Numba's own loops
keep running maxima in memory, and read again what a store might have changed; these values stay in registers.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

LANES, PAIR = 16, 2
INDEX = ir.IntType(32)
FLOATS, INTS = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.IntType(32), LANES)
TWO = ir.VectorType(ir.FloatType(), PAIR)
READ, KEEP, DATA = 0, 3, 1  # the arguments of llvm.prefetch: for reading, in every cache, no code


class Vector(types.Type):
    """Numba's type of a vector; `lanes` is LLVM's."""

    def __init__(self, name: str, lanes: ir.VectorType) -> None:
        super().__init__(name)
        self.lanes = lanes


floats, ints, pair = Vector("floats16", FLOATS), Vector("ints16", INTS), Vector("floats2", TWO)


@register_model(Vector)
class VectorModel(models.PrimitiveModel):
    """A vector is passed about as what it is in LLVM."""

    def __init__(self, manager: Any, kind: Vector) -> None:
        super().__init__(manager, kind, kind.lanes)


@intrinsic
def load(typing: Any, array: Any, place: Any) -> Any:
    """`array[place : place + 16]` of a flat float32 array, as a vector."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(context, builder, signature, arguments, FLOATS), align=4)

    return floats(array, types.intp), code


@intrinsic
def load_pair(typing: Any, array: Any, place: Any) -> Any:
    """`array[place : place + 2]` of a flat float32 array."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(context, builder, signature, arguments, TWO), align=4)

    return pair(array, types.intp), code


@intrinsic
def store(typing: Any, array: Any, place: Any, vector: Any) -> Any:
    """`array[place : place + lanes] = vector` in a flat array of the vector's number type."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature, arguments, vector.lanes)
        builder.store(arguments[2], pointer, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), code


@intrinsic
def prefetch(typing: Any, array: Any, place: Any) -> Any:
    """Ask for the cache line of `array[place]`, which a later `load` will need."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature, arguments, ir.IntType(8))
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, INDEX, INDEX, INDEX])
        function = builder.module.globals.get("llvm.prefetch.p0i8")
        function = function or ir.Function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(function, [pointer, INDEX(READ), INDEX(KEEP), INDEX(DATA)])
        return context.get_dummy_value()

    return types.void(array, types.intp), code


@intrinsic
def add(typing: Any, a: Any, b: Any) -> Any:
    """`a + b`, lane by lane."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fadd(*arguments)

    return a(a, a), code


@intrinsic
def scale(typing: Any, a: Any, factor: Any) -> Any:
    """`a * factor`, lane by lane, for a float32."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, number = arguments
        return builder.fmul(vector, _everywhere(builder, number, signature.args[0].lanes))

    return a(a, types.float32), code


@intrinsic
def add_times(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """`a + b * c`, lane by lane, in one instruction where the CPU has it."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        product = builder.fmul(arguments[1], arguments[2], flags=("contract",))
        return builder.fadd(arguments[0], product, flags=("contract",))

    return floats(floats, floats, floats), code


@intrinsic
def total(typing: Any, a: Any) -> Any:
    """The sum of the lanes, halves added to halves."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value, count = arguments[0], LANES
        while count > 1:
            count //= 2
            halves = [_picked(builder, value, range(first, first + count)) for first in (0, count)]
            value = builder.fadd(*halves)
        return builder.extract_element(value, INDEX(0))

    return types.float32(floats), code


@intrinsic
def where_greater(typing: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
    """`yes` in the lanes where `a > b`, else `no`."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        mask = builder.fcmp_ordered(">", arguments[0], arguments[1])
        return builder.select(mask, arguments[2], arguments[3])

    return yes(floats, floats, yes, yes), code


@intrinsic
def any_reaches(typing: Any, a: Any, b: Any) -> Any:
    """Whether `a >= b` in any lane."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        mask = builder.fcmp_ordered(">=", *arguments)
        bits = ir.IntType(LANES)
        return builder.icmp_unsigned("!=", builder.bitcast(mask, bits), bits(0))

    return types.boolean(floats, floats), code


@intrinsic
def spread_float(typing: Any, value: Any) -> Any:
    """A float32 in every lane."""
    return floats(types.float32), _spread


@intrinsic
def spread_int(typing: Any, value: Any) -> Any:
    """An int32 in every lane."""
    return ints(types.int32), _spread


def _spread(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _everywhere(builder, arguments[0], signature.return_type.lanes)


def _everywhere(builder: Any, value: Any, lanes: Any) -> Any:
    one = builder.insert_element(ir.Constant(lanes, ir.Undefined), value, INDEX(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(INDEX, lanes.count), [0] * lanes.count))


def _picked(builder: Any, value: Any, lanes: range) -> Any:
    return builder.shuffle_vector(value, value, ir.Constant(ir.VectorType(INDEX, len(lanes)), list(lanes)))


def _pointer(context: Any, builder: Any, signature: Any, arguments: Any, lanes: Any) -> Any:
    """Where element `place` (the second argument) of the array (the first) begins."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.bitcast(builder.gep(array.data, [arguments[1]]), lanes.as_pointer())
