"""From a call in source to the words of the operator table."""

import pytest

from exportlint.operators.names import TENSOR, UNKNOWN, canonical, namesakes, normal, owner


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("torch.Tensor.max", "torch.max"),
        ("torch.Tensor.unfold", "torch.Tensor.unfold"),
        ("torch.Tensor.add_", "torch.Tensor.add_"),
        ("operator.floordiv", "torch.floor_divide"),
        ("operator.getitem", "operator.getitem"),
        ("torch.nn.Upsample", "torch.nn.Upsample"),
    ],
)
def test_methods_and_python_operators_share_the_rows_of_their_function(name, kept_as):
    assert owner(name) == kept_as


def test_an_in_place_method_falls_back_on_the_operator_that_is_not():
    names = list(namesakes("torch.Tensor.relu_", {}))
    assert names[0] == "torch.relu_"
    assert "torch.relu" in names
    assert names.index("torch.relu_") < names.index("torch.relu")


def test_an_alias_leads_to_what_was_measured():
    assert next(namesakes("torch.concat", {"torch.concat": "torch.cat"})) == "torch.cat"


def test_python_s_special_methods_are_not_taken_for_in_place_ones():
    assert all(not name.endswith("__getitem_") for name in namesakes("torch.Tensor.__getitem__", {}))


@pytest.mark.parametrize(
    ("name", "target", "given", "expected"),
    [
        ("torch.max", "torch.max", {"input": UNKNOWN, "other|dim": 1}, {"dim|other": 1}),
        ("torch.max", "torch.max", {"input": UNKNOWN, "dim": 1}, {"dim|other": 1}),
        ("torch.Tensor.max", "torch.max", {"other|dim": 1, "keepdim": True}, {"dim|other": 1, "keepdim": True}),
        ("torch.Tensor.split", "torch.split", {"split_size": 2, "dim": 1}, {"split_size_or_sections": 2, "dim": 1}),
        ("operator.mod", "torch.remainder", {"0": UNKNOWN, "1": 2}, {"other": 2}),
        ("torch.cat", "torch.cat", {"tensors": UNKNOWN, "dim": 1}, {"dim": 1}),
        ("torch.zeros", "torch.zeros", {"size|*size": 2, "1": 3, "device": UNKNOWN}, {"size": (2, 3)}),
    ],
)
def test_arguments_get_one_name_each_however_they_are_given(name, target, given, expected):
    assert normal(name, target, given) == expected


def test_a_variadic_parameter_is_one_tuple_whether_spread_or_not():
    spread = normal("torch.Tensor.permute", "torch.permute", {"dims|*dims": 0, "1": 2, "2": 1})
    whole = normal("torch.Tensor.permute", "torch.permute", {"dims|*dims": (0, 2, 1)})
    assert spread == whole == {"dims": (0, 2, 1)}


def test_several_tensors_are_like_a_list_of_them():
    spread = normal("torch.meshgrid", "torch.meshgrid", {"*tensors": UNKNOWN, "1": UNKNOWN, "indexing": "ij"})
    assert spread["indexing"] == "ij"
    assert spread.get("tensors", UNKNOWN) is UNKNOWN


def test_the_number_of_features_of_a_layer_is_no_operand():
    assert normal("torch.nn.Linear", "torch.nn.Linear", {"in_features": UNKNOWN}) == {"in_features": UNKNOWN}
    assert normal("torch.nn.functional.relu", "torch.nn.functional.relu", {"input": TENSOR}) == {}


def test_a_parameter_s_key_is_that_of_its_position():
    assert canonical("torch.max", "keepdim") == "keepdim"
    assert canonical("torch.max", "other") == canonical("torch.max", "dim") == "dim|other"
