"""Which measured calls are most like the one in the source."""

from exportlint.operators.names import TENSOR, UNKNOWN
from exportlint.operators.nearest import distance, nearest
from exportlint.operators.table import Row

BILINEAR = Row({"mode": "bilinear", "size": 7, "@rank": 4}, {"onnx": "."})
NEAREST = Row({"size": 7, "@rank": 4}, {"onnx": "x"})
SCALED = Row({"mode": "bilinear", "scale_factor": 2, "@rank": 4}, {"onnx": "r"})
ROWS = [BILINEAR, NEAREST, SCALED]


def test_the_same_call_is_nearest():
    assert nearest(ROWS, {"mode": "bilinear", "size": 7}) == [BILINEAR]
    assert nearest(ROWS, {"size": 7}) == [NEAREST]


def test_another_number_is_nearer_than_another_word():
    assert nearest(ROWS, {"mode": "bilinear", "size": 14}) == [BILINEAR]
    assert nearest(ROWS, {"mode": "bilinear", "scale_factor": 3}) == [SCALED]


def test_giving_an_argument_at_all_weighs_more_than_its_value():
    assert nearest(ROWS, {"mode": "bicubic", "scale_factor": UNKNOWN}) == [SCALED]


def test_all_that_are_equally_near_count():
    one, other = Row({"reduce": "sum"}, {}), Row({"reduce": "amax"}, {})
    assert nearest([one, other], {"reduce": UNKNOWN}) == [one, other]


def test_a_value_that_is_not_known_may_be_a_tensor():
    assert distance({"other": TENSOR}, {"other": UNKNOWN}) == 0
    assert distance({"other": 2}, {"other": UNKNOWN}) > 0


def test_a_value_that_is_not_known_is_rather_the_default_than_a_word():
    assert nearest(ROWS[:2], {"mode": UNKNOWN, "size": 7}) == [NEAREST]
    assert distance({"dilation": 2}, {"dilation": UNKNOWN}) < distance({}, {"dilation": UNKNOWN})


def test_dtypes_of_a_class_are_near():
    def apart(one, other):
        return distance({"@dtype": one}, {"@dtype": other})

    assert apart("int64", "int64") == 0 < apart("int64", "int32") < apart("int64", "float16") < apart("int64", "bool")
    assert apart("float32", "bfloat16") == apart("int64", "uint8") < apart("float32", "complex64")
    assert distance({}, {"@dtype": "float64"}) < distance({}, {"@dtype": "bool"})  # float32 is not written down


def test_true_is_no_number():
    assert distance({"ceil_mode": True}, {"ceil_mode": 1}) > 0
    assert distance({"dim": 0}, {"dim": False}) > 0


def test_a_number_for_all_axes_is_near_a_tuple_of_it():
    same = distance({"kernel_size": (3, 3)}, {"kernel_size": 3})
    assert (
        same
        < distance({"kernel_size": (3, 5)}, {"kernel_size": 3})
        < distance({"kernel_size": "x"}, {"kernel_size": 3})
    )


def test_rank_and_dtype_count_when_they_are_known():
    unbatched = Row({"size": 7, "@rank": 3, "@odd": True}, {})
    whole = Row({"size": 7, "@rank": 4, "@dtype": "int64"}, {})
    rows = [unbatched, whole, NEAREST]
    assert nearest(rows, {"size": 7}) == [NEAREST]
    assert nearest(rows, {"size": 7, "@rank": 3}) == [unbatched]
    assert nearest(rows, {"size": 7, "@dtype": "int64"}) == [whole]


def test_nothing_is_near_when_nothing_was_measured():
    assert nearest([], {"dim": 1}) == []
