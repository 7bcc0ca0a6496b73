"""Model folders made to break what reads them: one sentence, at once."""

import json
import re

import pytest
import torch
from markdown_it import MarkdownIt
from safetensors.torch import load_file, save_file

from convlens.errors import InputError
from convlens.explain import explain
from convlens.models import TrainingHistory, load, save
from convlens.models.weights import largest_logit
from convlens.text.patterns import check_pattern, matcher


@pytest.fixture
def folder(classifier, tmp_path):
    save(classifier, tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def deep(deep_classifier, tmp_path):
    save(deep_classifier, tmp_path / "deep")
    return tmp_path / "deep"


def refused(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    assert len(str(error.value)) < 290
    return str(error.value)


def edit(path, *where, value):
    values = json.loads(path.read_text())
    inner = values
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    path.write_text(json.dumps(values))


CONFIG = [
    (("model", "filters"), 10**8),
    (("model", "filters"), 10**12),
    (("model", "filters"), True),
    (("model", "regions"), list(range(1, 20_001))),
    (("model", "regions"), [[3]]),
    (("model", "dim"), 10**18),
    (("model", "dropout"), []),
    (("labels",), "ab"),
    (("labels",), {"a": 1, "b": 2}),
    (("kind",), []),
    (("format",), "x" * 4000),
    (("gates",), [10**400]),
    (("thresholds",), "x"),
    (("record", "rows"), {"train": 1.5}),
    (("record", "note"), 3),
    (("record", "test"), {"accuracy": 1, "macro_f1": "a", "majority_baseline": 1}),
    (("record", "test"), {"accuracy": 1, "macro_f1": 1, "majority_baseline": 1, "baseline": 3}),
    (("record", "test"), {"accuracy": 1, "macro_f1": 1, "majority_baseline": 1, "baseline": {"model": "x"}}),
    (("record", "settings"), {"train": {"seed": "x"}}),
    (("record", "epochs"), [{"loss": 1}]),
    (("record", "odd"), 1),
    (("record", "settings"), json.loads("[" * 900 + "]" * 900)),
]


@pytest.mark.parametrize(("where", "value"), CONFIG)
def test_a_config_of_wrong_types_or_sizes_is_refused(folder, where, value):
    edit(folder / "config.json", *where, value=value)
    refused(folder)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("layers",), [{"filters": 1, "kernel": 1, "pool": 1}] * 100_000),
        (("layers",), "["),
        (("layers", 0, "pool"), 10**9),
        (("layers", 0, "pool"), 1.5),
        (("layers", 0, "pool"), 1e308),
    ],
)
def test_layers_of_wrong_types_or_sizes_are_refused(deep, where, value):
    edit(deep / "config.json", "model", *where, value=value)
    refused(deep)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("min_count",), ""),
        (("max_tokens",), 1.5),
        (("only",), {}),
        (("only",), "a{99999999999999}"),
        (("only",), "(((a{1000}){1000}){1000}){1000}"),
        (("splitter",), []),
        (("lower",), "no"),
        (("words",), "abc"),
    ],
)
def test_a_tokenizer_of_wrong_types_is_refused(folder, where, value):
    edit(folder / "tokenizer.json", *where, value=value)
    refused(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"format": ' + "9" * 5000 + "}", "3", '{"format": NaN}', "\x1b"]
)
def test_odd_json_is_refused(folder, name, text):
    (folder / name).write_text(text)
    assert refused(folder).isprintable()


def test_a_huge_file_is_not_read(folder):
    with (folder / "tokenizer.json").open("r+b") as file:
        file.truncate(20 * 2**30)
    assert "21,474,836,480 bytes" in refused(folder)


@pytest.mark.parametrize("kind", [torch.int32, torch.complex64, torch.float8_e4m3fn, torch.bool])
def test_numbers_of_other_types_are_refused(folder, kind):
    weights = load_file(folder / "model.safetensors")
    save_file({**weights, "head.weight": weights["head.weight"].to(kind)}, folder / "model.safetensors")
    assert "expected float32" in refused(folder)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_real_numbers_of_other_types_become_float32(folder, kind):
    weights = load_file(folder / "model.safetensors")
    save_file({**weights, "head.weight": weights["head.weight"].to(kind)}, folder / "model.safetensors")
    assert explain(load(folder), "a good film").residual < 1e-4


@pytest.mark.parametrize("huge", [3e38, torch.nan])
def test_weights_that_overflow_are_neither_loaded_nor_saved(folder, huge, tmp_path):
    weights = load_file(folder / "model.safetensors")
    weights["head.weight"][0, 0] = huge
    classifier = load(folder)
    save_file(weights, folder / "model.safetensors")
    refused(folder)
    classifier.model.load_state_dict(weights)
    with pytest.raises(InputError, match="smaller --lr"):
        save(classifier, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_no_logit_passes_the_bound(classifier, deep_classifier):
    for one in (classifier, deep_classifier):
        assert abs(one.logits(["a good film", "bad bad", ""])).max() <= largest_logit(one.model)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|aa)+b", "(?=(a|aa)+b)a"])
def test_no_pattern_hangs(pattern):
    try:
        assert not matcher(pattern)("a" * 60 + "!")
    except InputError as error:
        assert "takes too long on the token" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "pattern", [r"[^\W\d_]+", r"[]\W]+", r"\w+", r"[a[\w]+", r"(?a)\w+", r"\S\D", r"\\w\[\]"]
)
def test_patterns_mean_what_they_mean_to_python(pattern):
    check_pattern(pattern)
    fits, python = matcher(pattern), re.compile(pattern)
    for token in ("a", "é", "न\u0941", "²", "漢字", "]", "[", "a1", "\x1c", "\\w[]", "_", "\ud800"):
        assert fits(token) == bool(python.fullmatch(token)), token


EVIL = "<script>x</script> [a](javascript:x) ![i](http://e.com/x.png) http://e.com www.e.com a@e.com `c` | **b** \x1b[31m\n# h"


@pytest.mark.parametrize("html", [True, False])
def test_a_model_card_holds_nothing_live(classifier, tmp_path, html):
    record = TrainingHistory(
        data=EVIL, note=EVIL, rows={EVIL: 1}, vectors=EVIL, command=f"x\n```\n{EVIL}", version=EVIL, changes=(EVIL,),
        settings={"a": {"b": EVIL + "\n```\n"}},
    )  # fmt: skip
    save(type(classifier)(classifier.model, classifier.tokenizer, (EVIL, "b"), record), tmp_path / "m")
    card = (tmp_path / "m" / "README.md").read_text()
    page = MarkdownIt("commonmark", {"html": html}).enable("table").render(card)
    for tag in ("<script", "<a ", "<img", "<strong", "<h1>h"):
        assert tag not in page
    assert page.count("<h1>") == 1
    assert "\x1b" not in card
    outside = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", card)
    assert not re.search(r"https?://|www\.|\w@\w", outside)


def test_padding_says_nothing(folder):
    weights = load_file(folder / "model.safetensors")
    weights["embed.weight"][0, 1] = 1e-3
    save_file(weights, folder / "model.safetensors")
    assert "padding that is not zero" in refused(folder)


def test_weights_that_are_larger_than_memory_are_refused(folder, monkeypatch):
    def no_memory(*args):
        raise MemoryError("Cannot allocate memory")

    monkeypatch.setattr("convlens.models.weights.safe_open", no_memory)
    assert "cannot be read" in refused(folder)
