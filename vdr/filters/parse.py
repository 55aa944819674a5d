"""The filter that a JSON object means, written as users of Chroma and Pinecone write it.

    {"year": {"$gte": 2021}, "$or": [{"kind": "pdf"}, {"tags": {"$in": ["q3"]}}]}

Several keys, and several operators on a field, must all hold; a bare value means $eq. Everything that raises
BadFilter says where in the JSON the fault is: filter.$or[1].tags.$in[0].
"""

from collections.abc import Iterator, Sequence

from vdr.errors import BadFilter
from vdr.filters.fields import BUILT_IN, FieldKind, key_fault
from vdr.filters.text import read_json
from vdr.filters.values import instant, number, text
from vdr.names import composed
from vdr.types import AllOf, AnyOf, Condition, Filter, Not, Operator, Scalar

# People nest two or three; every engine walks a filter recursively.
MAX_DEPTH = 8
# Comparing by order in metadata takes the engine 4 to 8 us a page and condition: seconds for so many.
MAX_CONDITIONS = 32
# More are a query of their own; $in with so many strings is still one look-up in the engine.
MAX_VALUES = 1_000

_AND, _OR, _NOT = "$and", "$or", "$not"
_NAME = "document_name"  # is stored composed
_ID = "document_id"
_COMPARISONS = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE})
_LISTS = frozenset({Operator.IN, Operator.NIN})
_OPERATORS = frozenset(Operator)
_ON_A_FIELD = ", ".join(Operator)


def parse_filter(data: object, place: str = "filter") -> Filter:
    """The filter. Raises BadFilter, which names the fault by its path below `place`."""
    parsed = _filter(data, place, 0)
    if (conditions := _count(parsed)) > MAX_CONDITIONS:
        raise BadFilter(f"{place}: {conditions} conditions exceed the limit of {MAX_CONDITIONS}.")
    return parsed


def parse_filter_text(text: str, place: str = "filter") -> Filter:
    """The filter that a text in JSON says. Raises BadFilter."""
    try:
        data = read_json(text)
    except ValueError as error:
        raise BadFilter(f"{place}: {error}.") from error
    return parse_filter(data, place)


def parse_fields(names: Sequence[str], place: str) -> tuple[str, ...]:
    """Fields by their names, each once. Raises BadFilter, which names the fault by its path below `place`."""
    for i, name in enumerate(names):
        _check_field(name, f"{place}[{i}]")
    return tuple(dict.fromkeys(names))


def _filter(data: object, place: str, depth: int) -> Filter:
    if not isinstance(data, dict):
        raise BadFilter(f"{place}: expected an object, found {_named(data)}.")
    if not data:
        raise BadFilter(f"{place}: the filter is empty.", remedy="Omit it to match everything.")
    is_joined = len(data) > 1 or _has_several_operators(data)
    below = depth + is_joined
    if below > MAX_DEPTH:
        raise BadFilter(f"{place}: the filter is nested more than {MAX_DEPTH} levels deep.")
    parts = tuple(part for key, value in data.items() for part in _entry(key, value, f"{place}.{key}", below))
    return AllOf(parts) if is_joined else parts[0]


def _has_several_operators(data: dict[str, object]) -> bool:
    return any(isinstance(value, dict) and key[:1] != "$" and len(value) > 1 for key, value in data.items())


def _entry(key: str, value: object, place: str, depth: int) -> Iterator[Filter]:
    if key[:1] != "$":
        yield from _conditions(key, value, place)
        return
    if depth >= MAX_DEPTH:
        raise BadFilter(f"{place}: the filter is nested more than {MAX_DEPTH} levels deep.")
    if key == _NOT:
        yield Not(_filter(value, place, depth + 1))
    elif key in (_AND, _OR):
        parts = tuple(
            _filter(each, f"{place}[{i}]", depth + 1) for i, each in enumerate(_elements(value, place))
        )
        yield AllOf(parts) if key == _AND else AnyOf(parts)
    elif key in _OPERATORS:
        raise BadFilter(f"{place}: {key} must be inside a field.")
    else:
        raise BadFilter(f"{place}: unknown operator; use {_AND}, {_OR}, {_NOT} or a field name.")


def _conditions(field: str, value: object, place: str) -> Iterator[Condition]:
    _check_field(field, place)
    if not isinstance(value, dict):
        yield _condition(field, Operator.EQ, value, place)
        return
    if not value:
        raise BadFilter(f"{place}: the condition is empty.")
    for name, operand in value.items():
        if name not in _OPERATORS:
            raise BadFilter(f"{place}.{name}: unknown operator; use {_ON_A_FIELD}.")
        yield _condition(field, Operator(name), operand, f"{place}.{name}")


def _check_field(field: str, place: str) -> None:
    fault = None if field in BUILT_IN else key_fault(field)
    if fault is not None:
        raise BadFilter(f"{place}: invalid field name: {fault}.")


def _condition(field: str, operator: Operator, operand: object, place: str) -> Condition:
    if operator is Operator.EXISTS:
        if not isinstance(operand, bool):
            raise BadFilter(f"{place}: expected true or false, found {_named(operand)}.")
        return Condition(field, operator, operand)
    if operator is Operator.PREFIX:
        return Condition(field, operator, _prefix(field, operand, place))
    if operator in _LISTS:
        listed = enumerate(_elements(operand, place))
        values = tuple(_operand(field, operator, each, f"{place}[{i}]") for i, each in listed)
        return Condition(field, operator, values)
    return Condition(field, operator, _operand(field, operator, operand, place))


def _prefix(field: str, operand: object, place: str) -> str:
    if field not in (_NAME, _ID):
        raise BadFilter(f"{place}: only document_name and document_id support $prefix.")
    if not isinstance(operand, str) or not operand:
        raise BadFilter(f"{place}: expected a non-empty string, found {_named(operand)}.")
    return composed(str(_scalar(operand, place)))


def _operand(field: str, operator: Operator, operand: object, place: str) -> Scalar:
    value, kind, is_ordered = _scalar(operand, place), BUILT_IN.get(field), operator in _COMPARISONS
    if field == _NAME and isinstance(value, str):
        value = composed(value)
    if kind is FieldKind.TEXT and is_ordered:
        raise BadFilter(f"{place}: {field} is a string and cannot be ordered.")
    if kind is FieldKind.TIME and not is_ordered:
        raise BadFilter(f"{place}: {field} is a time.", remedy="Compare it with $gt, $gte, $lt and $lte.")
    if not _is_of(kind, value):
        raise BadFilter(f"{place}: {field} is {kind}, so it cannot be compared with {_named(value)}.")
    if is_ordered and not _has_order(value):
        raise BadFilter(
            f"{place}: {operator} compares numbers and ISO 8601 dates (2024-12-31), not {_named(value)}."
        )
    return value


def _has_order(value: Scalar) -> bool:
    return instant(value) is not None if isinstance(value, str) else not isinstance(value, bool)


def _is_of(kind: FieldKind | None, value: Scalar) -> bool:
    match kind:
        case FieldKind.TEXT | FieldKind.TIME:
            return isinstance(value, str)
        case FieldKind.WHOLE:
            return type(value) is int
        case None:
            return True


def _scalar(operand: object, place: str) -> Scalar:
    try:
        match operand:
            case bool():
                return operand
            case str():
                return text(operand)
            case int() | float():
                return number(operand)
    except ValueError as error:
        raise BadFilter(f"{place}: {error}.") from error
    remedy = {
        list: "Use $in to match one of several values.",
        type(None): "Use $exists to match a missing field.",
    }
    raise BadFilter(
        f"{place}: expected a string, a number, true or false, found {_named(operand)}.",
        remedy=remedy.get(type(operand)),
    )


def _elements(value: object, place: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise BadFilter(f"{place}: expected a non-empty list, found {_named(value)}.")
    if len(value) > MAX_VALUES:
        raise BadFilter(f"{place}: {len(value)} elements exceed the limit of {MAX_VALUES}.")
    return value


def _count(parsed: Filter) -> int:
    match parsed:
        case AllOf(filters) | AnyOf(filters):
            return sum(_count(each) for each in filters)
        case Not(negated):
            return _count(negated)
        case Condition():
            return 1


def _named(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= 40 else f"{value[:40]}…")
        case dict():
            return "an object"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return str(value)
