"""Libraries and larger projects in which a text CNN of one layer is one model of several."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.public.network import ROWS, PublicNetwork, Wrapped, settings, vectors
from convlens import Padding

TEXTATTACK = {
    "textattack/__init__.py": "from textattack import models, shared\n",
    "textattack/model_args.py": "TEXTATTACK_MODELS = {}\n",
    "textattack/shared/__init__.py": "import logging\nfrom textattack.shared import utils\nlogger = logging.getLogger()\n",
    "textattack/shared/utils.py": "def download_from_s3(path):\n    return '.'\n",
    "textattack/models/__init__.py": "from textattack.models import tokenizers\n",
    "textattack/models/tokenizers.py": "def GloveTokenizer(**settings):\n    return None\n",
    "textattack/models/helpers/lstm_for_classification.py": "LSTMForClassification = None\n",
    "textattack/models/helpers/t5_for_text_to_text.py": "T5ForTextToText = None\n",
}
PYTEXT = {
    "pytext/config/__init__.py": "from pytext.config.pytext_config import ConfigBase\n",
    "pytext/config/pytext_config.py": "class ConfigBase:\n    pass\n",
    "pytext/utils/usage.py": "def log_class_usage(of):\n    pass\n",
    "pytext/models/module.py": "from torch import nn\nclass Module(nn.Module):\n"
    "    class Config:\n        pass\n    def __init__(self, config):\n        super().__init__()\n",
}
ALLENNLP = {
    "allennlp/modules/seq2vec_encoders/seq2vec_encoder.py": "from torch import nn\nclass Seq2VecEncoder(nn.Module):\n"
    "    @staticmethod\n    def register(name):\n        return lambda encoder: encoder\n",
    "allennlp/nn/__init__.py": "from torch import nn\nclass Activation:\n"
    "    @staticmethod\n    def by_name(name):\n        return {'relu': nn.ReLU}[name]\n",
    "allennlp/nn/util.py": "import torch\ndef min_value_of_dtype(dtype):\n    return torch.finfo(dtype).min\n",
}
TENCENT = {
    "token_map": range(ROWS),
    "char_map": range(ROWS),
    "label_map": range(4),
    "VOCAB_PADDING": 0,
    "model_mode": "train",
}
TENCENT_SETTINGS = {  # of conf/train.json
    "feature": {"feature_names": ["token"], "token_pretrained_file": ""},
    "embedding": {
        "type": "embedding",
        "dimension": 64,
        "initializer": "uniform",
        "fan_mode": "FAN_IN",
        "uniform_bound": 0.25,
        "random_stddev": 0.01,
        "dropout": 0.0,
    },
    "train": {"hidden_layer_dropout": 0.5},
    "TextCNN": {"kernel_sizes": [2, 3, 4], "num_kernels": 100, "top_k_max_pooling": 1},
    "log": {"log_level": "warn", "logger_file": "log"},
    "device": "cpu",
}


def jacovi(module: ModuleType) -> nn.Module:
    """With the settings of its config.json."""
    return module.CnnClassifier([2, 3], 50, 20, 0, 2, ROWS)


def textattack(module: ModuleType) -> nn.Module:
    """With its defaults; made-up vectors stand where those of GloVe are loaded from."""
    np.save("glove.wordlist.npy", np.array([f"w{row}" for row in range(ROWS - 2)]))
    np.save("glove.6B.200d.mat.npy", vectors(200)[: ROWS - 2].numpy())
    return module.WordCNNForClassification()


def textfooler(module: ModuleType) -> nn.Module:
    """With the defaults of train_classifier.py; made-up vectors stand in the file that it reads."""
    rows = [" ".join(map(str, [f"w{row}", *vector])) for row, vector in enumerate(vectors(200).tolist())]
    Path("vectors.txt").write_text("\n".join(["words size", *rows[: ROWS - 2]]), encoding="utf-8")
    network = module.Model("vectors.txt", cnn=True)
    return Wrapped(lambda self, ids: self.network(ids.t()), network=network)


def hedwig(**further: int) -> Any:
    """The settings of its args.py, two channels, as for Reuters."""
    field = settings(TEXT_FIELD={"vocab": {"vectors": vectors(300)}})
    sizes = {"output_channel": 100, "target_class": 90, "words_num": ROWS, "words_dim": 300}
    return settings(dataset=field, mode="multichannel", dropout=0.5, **sizes, **further)


def tencent(module: ModuleType) -> nn.Module:
    """With the settings of conf/train.json, and four labels."""
    network = module.TextCNN(settings(**TENCENT), settings(**TENCENT_SETTINGS))
    return Wrapped(lambda self, ids: self.network({"doc_token": ids}), network=network)


def waby(module: ModuleType) -> nn.Module:
    """With the defaults of opts.py."""
    sizes = {
        "vocab_size": ROWS - 2,
        "embedding_dim": 300,
        "max_seq_len": 200,
        "label_size": 2,
        "batch_size": 64,
    }
    filters = {"kernel_sizes": [1, 2, 3, 5], "kernel_nums": [256, 256, 256, 256]}
    further = {"embedding_type": "non-static", "keep_dropout": 0.8, "learning_rate": 0.001}
    return module.KIMCNN1D(
        settings(**sizes, **filters, **further, embeddings=vectors(300), embedding_training=True)
    )


def bamtercelboo_settings() -> Any:
    """What Config/config.cfg says, on a processor."""
    sizes = {
        "embed_num": ROWS,
        "embed_dim": 300,
        "class_num": 2,
        "kernel_num": 300,
        "kernel_sizes": [3, 4, 5],
    }
    flags = {"wide_conv": True, "word_Embedding": False, "init_weight": False, "batch_normalizations": False}
    further = {"dropout": 0.75, "dropout_embed": 0.75, "max_norm": None, "paddingId": 1, "cuda": False}
    return settings(**sizes, **flags, **further)


def pytext(module: ModuleType) -> nn.Module:
    """With its defaults, between vectors and a decoder of one layer, as in its DocModel."""
    representation = module.DocNNRepresentation(module.DocNNRepresentation.Config(), 100)
    return Wrapped(
        lambda self, ids: self.decoder(self.representation(self.embedding(ids))),
        embedding=nn.Embedding(ROWS, 100),
        representation=representation,
        decoder=nn.Linear(representation.representation_dim, 2),
    )


def allennlp(module: ModuleType) -> nn.Module:
    """With its defaults, between vectors and a layer, as in basic_classifier.py."""

    def call(self: Any, ids: torch.Tensor) -> torch.Tensor:
        return self.layer(self.encoder(self.embedding(ids), mask=ids != 0))

    return Wrapped(
        call,
        embedding=nn.Embedding(ROWS, 100, padding_idx=0),
        encoder=module.CnnEncoder(100, 100),
        layer=nn.Linear(400, 2),
    )


LIBRARIES = (
    PublicNetwork(
        "alonjacovi/interpreting-cnn-for-text",
        "583b068d88905537031e38c44b11ecb1777973e3",
        "model.py",
        jacovi,
        output="logits",
    ),
    PublicNetwork(
        "QData/TextAttack",
        "f800c2c03baba5c380d7bac69ed6060f131c8bd3",
        "textattack/models/helpers/word_cnn_for_classification.py",
        textattack,
        files=tuple(
            f"textattack/models/helpers/{name}.py" for name in ("__init__", "utils", "glove_embedding_layer")
        ),
        fakes=TEXTATTACK,
        padding=Padding(length=128),
        padding_row=ROWS - 1,
        unknown_row=ROWS - 2,
    ),
    PublicNetwork(
        "jind11/TextFooler",
        "6a56cb10f1055e00a8fbc6882f289e91cfe60f4e",
        "train_classifier.py",
        textfooler,
        files=("modules.py", "dataloader.py"),
        padding=Padding(least=5, side="left"),
        padding_row=ROWS - 1,
        unknown_row=ROWS - 2,
        wrapped="takes words first",
    ),
    PublicNetwork(
        "castorini/hedwig",
        "277814c401f4d17f5489e3c8c6deefc1af9eeffd",
        "models/kim_cnn/model.py",
        lambda module: module.KimCNN(hedwig()),
        root="models/kim_cnn",
        padding_row=1,
        unknown_row=0,
        classes=90,
    ),
    PublicNetwork(
        "Tencent/NeuralNLP-NeuralClassifier",
        "3d4ddffa6304da32c25f74001c0c056922c4ba22",
        "model/classification/textcnn.py",
        tencent,
        files=("model", "dataset", "util.py"),
        padding=Padding(least=1),
        classes=4,
        wrapped="takes a dict",
    ),
    PublicNetwork(
        "wabyking/TextClassificationBenchmark",
        "a73119c0cb8e83d49c2ec429733e50c8e3659098",
        "models/CNNKim.py",
        waby,
        files=("models/BaseModel.py",),
        padding=Padding(length=200),
        padding_row=ROWS - 1,
        unknown_row=ROWS - 2,
    ),
    PublicNetwork(
        "bamtercelboo/cnn-lstm-bilstm-deepcnn-clstm-in-pytorch",
        "71b8c3f21b6dbc39562a3f8f221e90a1c7d9592f",
        "models/model_CNN.py",
        lambda module: module.CNN_Text(bamtercelboo_settings()),
        files=("DataUtils/Common.py",),
        padding_row=1,
        unknown_row=0,
    ),
    PublicNetwork(
        "facebookresearch/pytext",
        "08754b483421884d2e363f00517ea42e449aec2c",
        "pytext/models/representations/docnn.py",
        pytext,
        files=("pytext/models/representations/representation_base.py", "pytext/config/module_config.py"),
        fakes=PYTEXT,
        padding_row=1,
        unknown_row=0,
        wrapped="takes vectors",
    ),
    PublicNetwork(
        "allenai/allennlp",
        "80fb6061e568cb9d6ab5d45b661e86eb61b92c82",
        "allennlp/modules/seq2vec_encoders/cnn_encoder.py",
        allennlp,
        fakes=ALLENNLP,
        padding=Padding(least=5),
        wrapped="takes vectors and a mask",
    ),
)
