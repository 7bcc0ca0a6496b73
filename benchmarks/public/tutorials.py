"""Repositories that show how Kim's network is written, one each: one layer of convolutions, and the greatest value over time."""

from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from torch import nn

from benchmarks.public.network import ROWS, PublicNetwork, Wrapped, settings, vectors
from convlens import Padding

TENSORFLOW = {  # Keras 3 under the names that it had in TensorFlow, and the types that it asks for where it finds that
    "tensorflow/__init__.py": "import sys\nimport keras\nclass DType: pass\nclass TensorShape: pass\nclass TypeSpec: pass\n"
    "sys.modules['tensorflow.keras'] = keras\n"
    "sys.modules['tensorflow.python.keras'] = keras\nsys.modules['tensorflow.python.keras.layers'] = keras.layers\n"
    "sys.modules['tensorflow.python.keras.models'] = keras.models\n",
    "tensorflow/python/__init__.py": "",
}


def shawn1993(module: ModuleType) -> nn.Module:
    """With the defaults of main.py."""
    sizes = {
        "embed_num": ROWS,
        "embed_dim": 128,
        "class_num": 2,
        "kernel_num": 100,
        "kernel_sizes": [3, 4, 5],
    }
    return module.CNN_Text(settings(**sizes, dropout=0.5, static=False))


def galsang(module: ModuleType) -> nn.Module:
    """With the parameters of run.py, two channels, for questions of at most 37 words (TREC)."""
    sizes = {"MAX_SENT_LEN": 37, "WORD_DIM": 300, "VOCAB_SIZE": ROWS - 2, "CLASS_SIZE": 6, "BATCH_SIZE": 50}
    filters = {"FILTERS": [3, 4, 5], "FILTER_NUM": [100, 100, 100], "DROPOUT_PROB": 0.5}
    matrix = vectors(300).numpy()
    matrix[-1] = 0  # of padding
    return module.CNN(MODEL="multichannel", WV_MATRIX=matrix, **sizes, **filters)


def prakashpandey9(module: ModuleType) -> nn.Module:
    """With the sizes that its docstring and the other models' main.py have."""
    return module.CNN(32, 2, 1, 100, [3, 4, 5], 1, 0, 0.5, ROWS, 300, vectors(300))


def bentrevett(module: ModuleType) -> nn.Module:
    """With the sizes of the notebook."""
    return module.CNN(ROWS, 300, 100, [3, 5, 7], 2, 0.25, 1)


def chinese(module: ModuleType) -> nn.Module:
    """With the values of its Config, which reads files of its own, and vectors from the start."""
    return Wrapped(lambda self, ids: self.network((ids, None)), network=module.Model(chinese_settings(256)))


def chinese_settings(filters: int) -> Any:
    """What the Config of each of its models says."""
    sizes = {
        "n_vocab": ROWS,
        "embed": 300,
        "num_classes": 10,
        "num_filters": filters,
        "filter_sizes": (2, 3, 4),
    }
    return settings(**sizes, embedding_pretrained=vectors(300), dropout=0.5)


def cheneng(module: ModuleType) -> nn.Module:
    """With the settings of main.py, which looks vectors up itself."""
    network = module.TextCNN(
        settings(word_embedding_dimension=100, sentence_max_size=50, label_num=2, out_channel=2)
    )
    embeds = nn.Embedding(ROWS, 100)
    return Wrapped(
        lambda self, ids: self.network(self.embeds(ids).unsqueeze(1)), network=network, embeds=embeds
    )


def renovamen(module: ModuleType) -> nn.Module:
    """With the settings of configs/ag_news/textcnn.yaml."""
    network = module.TextCNN1D(4, ROWS, vectors(256), 256, True, 100, [3, 4, 5], 0.3, n_channels=2)
    return Wrapped(lambda self, ids: self.network(ids, None), network=network)


def anubhavgupta(module: ModuleType) -> nn.Module:
    """With the values of its config.py."""
    sizes = {"embed_size": 300, "num_channels": 100, "kernel_size": [3, 4, 5], "output_size": 4}
    network = module.TextCNN(settings(**sizes, max_sen_len=30, dropout_keep=0.8), ROWS, vectors(300))
    return Wrapped(lambda self, ids: self.network(ids.t()), network=network)


def leohsuofnthu(module: ModuleType) -> nn.Module:
    """With the sizes of the notebook beside it; a vocabulary has vectors there."""

    class Vocabulary(SimpleNamespace):
        def __len__(self) -> int:
            return ROWS

    return module.textCNN(Vocabulary(vectors=vectors(300)), 100, [3, 4, 5], 0.6, 2)


def finisky(module: ModuleType) -> nn.Module:
    """With the defaults of main.py."""
    return module.TextCnn(ROWS, 128, 2, 10, [3, 4, 5])


def cezannec(module: ModuleType) -> nn.Module:
    """With the sizes of the notebook."""
    return module.SentimentCNN(settings(vectors=vectors(300).numpy()), ROWS, 1, 300, 100, [3, 4, 5])


def shanetian(module: ModuleType) -> nn.Module:
    """With the defaults of train.py."""
    return module.TextCNN(ROWS, 128, 512, 18, 128, "3,4,5", 0.01, 0.5)


def genpeng(module: ModuleType) -> nn.Module:
    """As train_model.py builds it, for sentences of at most 56 words."""
    return module.TextCNN(MAX_SEQUENCE_LENGTH=56, num_classes=2, num_words=ROWS)


def graykode(module: ModuleType) -> nn.Module:
    """With the values that the file gives to its globals, but for the size of the vocabulary."""
    sizes = {"embedding_size": 2, "sequence_length": 3, "num_classes": 2, "filter_sizes": [2, 2, 2]}
    vars(module).update(**sizes, num_filters=3, vocab_size=ROWS)
    return module.TextCNN()


def kjaouj(module: ModuleType) -> nn.Module:
    """With configs/config.yaml, and the statistics of a batch of made-up texts in its batch normalisations."""
    sizes = {"embed_dim": 200, "num_filters": 100, "num_classes": 4, "dropout": 0.5, "batch_norm": True}
    words = {"vocab": range(ROWS), "pad_idx": 0}
    network = module.build_model({"model": {"type": "textcnn", **sizes}}, words)
    network(torch.randint(ROWS, (64, 256)))
    return network


TUTORIALS = (
    PublicNetwork(
        "Shawn1993/cnn-text-classification-pytorch",
        "93415f08168a1ae60635320569f6eca0ae3a40bb",
        "model.py",
        shawn1993,
        padding=Padding(least=5),
    ),
    PublicNetwork(
        "galsang/CNN-sentence-classification-pytorch",
        "56432e0b9e6a208b8c62e6160cd52184c3ea4906",
        "model.py",
        galsang,
        padding=Padding(length=37),
        padding_row=ROWS - 1,
        unknown_row=ROWS - 2,
        classes=6,
    ),
    PublicNetwork(
        "prakashpandey9/Text-Classification-Pytorch",
        "8649eec7a840d55e314b4b992048f3ce966fd05d",
        "models/CNN.py",
        prakashpandey9,
        padding=Padding(length=200),
        padding_row=1,
        unknown_row=0,
    ),
    PublicNetwork(
        "bentrevett/pytorch-sentiment-analysis",
        "329f654b2cfaed22fee432569ebd7a2674584f79",
        "3 - Convolutional Neural Networks.ipynb",
        bentrevett,
        cell="class CNN(",
        padding=Padding(least=7),
        padding_row=1,
        unknown_row=0,
    ),
    PublicNetwork(
        "649453932/Chinese-Text-Classification-Pytorch",
        "6cb26819af7b646275aff8a4693676f2849e67f6",
        "models/TextCNN.py",
        chinese,
        padding=Padding(length=32),
        padding_row=ROWS - 1,
        unknown_row=ROWS - 2,
        classes=10,
        wrapped="takes a tuple",
    ),
    PublicNetwork(
        "Cheneng/TextCNN",
        "811c7e731829f595be74d9a85d63d445b5b0f997",
        "model/TextCNN.py",
        cheneng,
        files=("model/BasicModule.py", "model/__init__.py"),
        padding=Padding(length=50),
        wrapped="takes vectors",
    ),
    PublicNetwork(
        "Renovamen/Text-Classification",
        "4a4aa4001c402ed4371ebaabe1393b27794e5992",
        "models/TextCNN/cnn1d.py",
        renovamen,
        files=("models/TextCNN/__init__.py", "models/TextCNN/cnn2d.py"),
        root="models",
        padding=Padding(length=200),
        unknown_row=ROWS - 1,
        classes=4,
        wrapped="takes lengths, too",
    ),
    PublicNetwork(
        "AnubhavGupta3377/Text-Classification-Models-Pytorch",
        "8571fe63040354919b4607bb986a8b0a4031969b",
        "Model_TextCNN/model.py",
        anubhavgupta,
        root="Model_TextCNN",
        fakes={"Model_TextCNN/utils.py": ""},
        padding=Padding(length=30),
        padding_row=1,
        unknown_row=0,
        classes=4,
        wrapped="takes words first",
    ),
    PublicNetwork(
        "leohsuofnthu/Pytorch-TextCNN",
        "9de95fd9f888c59e9f68a2e2c466fdc43b1f77a1",
        "model.py",
        leohsuofnthu,
        padding=Padding(least=5),
        padding_row=1,
        unknown_row=0,
    ),
    PublicNetwork(
        "finisky/TextCNN",
        "e9509c459fa4c9a010e9fcf4c8c0f1a6577d1bcb",
        "model.py",
        finisky,
        padding_row=1,
        unknown_row=0,
    ),
    PublicNetwork(
        "cezannec/CNN_Text_Classification",
        "20570fb02eeef2d9aa1725c3af4ec55525067992",
        "CNN_Text_Classification.ipynb",
        cezannec,
        cell="class SentimentCNN(",
        padding=Padding(length=200, side="left"),
    ),
    PublicNetwork(
        "kjaouj/projet-CSC8607---TextCNN",
        "6c17221eb499defd1235b3e22f57bc7aafcd928e",
        "src/model.py",
        kjaouj,
        root="src",
        padding=Padding(length=256),
        classes=4,
    ),
    PublicNetwork(
        "graykode/nlp-tutorial",
        "d05e31ec81d56d70c1db89b99ab07e948f7ebc11",
        "2-1.TextCNN/TextCNN.py",
        graykode,
        root="2-1.TextCNN",
        padding=Padding(length=3),
    ),
    PublicNetwork(
        "ShaneTian/TextCNN",
        "468a34f5f6a9b71abfe6d79056d6e97491bee119",
        "text_cnn.py",
        shanetian,
        fakes=TENSORFLOW,
        padding=Padding(length=128),
        classes=18,
    ),
    PublicNetwork(
        "Genpeng/textcnn.keras",
        "c8848983e486e3b548c5a876b12f86a5e33f283b",
        "src/models/model.py",
        genpeng,
        root="src/models",
        fakes=TENSORFLOW,
        padding=Padding(length=56),
    ),
)
