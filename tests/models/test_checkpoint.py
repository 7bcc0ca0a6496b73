"""`state.json` of a checkpoint as typed values: whatever stands in it, the run goes on or one sentence is said."""

import json

import pytest
from tests.toys import TOY

from convlens.errors import InputError
from convlens.models import Watch, fit
from convlens.models.checkpoint import STATE, epochs_in


class Stop(Watch):
    def on_epoch(self, number, epoch):
        raise ZeroDivisionError


@pytest.fixture
def checkpoint(corpus, tmp_path):
    folder = tmp_path / "state"
    with pytest.raises(ZeroDivisionError):
        fit(corpus, TOY, checkpoint=folder, watch=Stop())
    return folder


EPOCH = {"loss": 0.5, "accuracy": 0.5, "validation_loss": 0.5, "validation_accuracy": 0.5, "seconds": 0.5}
WRONG = [
    *(("epochs", [{**EPOCH, name: value}]) for name in EPOCH for value in (None, [], {}, "x", True, 1e999)),
    *(("epochs", [{k: v for k, v in EPOCH.items() if k != name}]) for name in EPOCH),
    *(("epochs", value) for value in (None, {}, "x", 3, [3], [[]], [{**EPOCH, "odd": 1}])),
    *(("run", value) for value in (None, [], 3, {}, True)),
    ("odd", 1),
]


def test_a_field_of_a_wrong_type_is_refused_in_a_sentence(corpus, checkpoint):
    place = checkpoint / STATE
    content = json.loads(place.read_text())
    for name, value in WRONG:
        place.write_text(json.dumps(content | {name: value}))
        with pytest.raises(InputError) as caught:
            fit(corpus, TOY, checkpoint=checkpoint)
        assert str(caught.value).endswith("leave out --resume"), (name, value)
        assert len(str(caught.value)) <= 280
        assert epochs_in(checkpoint) == ()
    place.write_text(json.dumps(content))
    assert len(epochs_in(checkpoint)) == 1


def test_a_huge_state_is_not_read(corpus, checkpoint):
    with (checkpoint / STATE).open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(InputError, match="1,099,511,627,776 bytes"):
        fit(corpus, TOY, checkpoint=checkpoint)
    assert epochs_in(checkpoint) == ()


def test_a_state_that_is_missing_is_told(corpus, checkpoint):
    (checkpoint / STATE).unlink()
    with pytest.raises(InputError, match="leave out --resume"):
        fit(corpus, TOY, checkpoint=checkpoint)
