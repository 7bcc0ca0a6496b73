"""Networks that are more than one layer of convolutions and the greatest value over time."""

from types import ModuleType

import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.public.libraries import bamtercelboo_settings, hedwig
from benchmarks.public.network import ROWS, PublicNetwork, Wrapped, settings, vectors
from benchmarks.public.tutorials import TENSORFLOW, chinese_settings
from convlens import Padding


def dpcnn(module: ModuleType) -> nn.Module:
    """With the values of its Config, which reads files of its own."""
    return Wrapped(lambda self, ids: self.network((ids, None)), network=module.Model(chinese_settings(250)))


def fernandolpz(module: ModuleType) -> nn.Module:
    """With its Parameters."""
    return module.TextClassifier(
        settings(seq_len=35, num_words=ROWS - 1, embedding_size=64, out_size=32, stride=2)
    )


def srviest(module: ModuleType) -> nn.Module:
    """With the defaults of train.py; characters are rows of zeros and a one there."""
    network = module.CharCNN(settings(num_features=ROWS, dropout=0.5))
    return Wrapped(lambda self, ids: self.network(F.one_hot(ids, ROWS).float().mT), network=network)


def threelittlemonkeys(module: ModuleType) -> nn.Module:
    """With words alone, as EMBED of parameters.py lets one choose; a first and a last word stand around each text there."""
    module.EMBED.clear()
    module.EMBED["lookup"] = 300
    network = module.cnn(1, ROWS, 4)

    def call(self: nn.Module, ids: torch.Tensor) -> torch.Tensor:
        first, last = (ids.new_full((len(ids), 1), row) for row in (1, 2))
        return self.network(None, torch.cat([first, ids, last], 1))

    return Wrapped(call, network=network)


def cmasch(module: ModuleType) -> nn.Module:
    """With its defaults."""
    return module.CNN(num_words=ROWS, embedding_dim=300, nb_classes=2).build_model()


def jhnlee(module: ModuleType) -> nn.Module:
    """With its config.py, and vectors from the start, as train.py has them."""
    return module.BaseTextCNN(7, ROWS, 150, vectors(150).numpy())


def pochih(module: ModuleType) -> nn.Module:
    """With sizes of the results that lie beside it."""
    sizes = {"wv_dims": 300, "kernels": 150, "n_class": 2, "dropout": 0.3, "seed": 0, "cuda": False}
    return module.SC_Embedding(settings(**sizes), vectors(300).numpy())


def miracleyoo(module: ModuleType) -> nn.Module:
    """With its config.py, but for the number of classes."""
    sizes = {"SENT_LEN": 30, "NUM_CLASSES": 10, "EMBEDDING_DIM": 300, "CHAR_SIZE": ROWS, "TITLE_DIM": 512}
    windows = {"SIN_KER_SIZE": [1, 1, 3, 3], "DOU_KER_SIZE": [(1, 3), (3, 5), (3, 3), (5, 5)]}
    return module.TextCNNInc(settings(**sizes, **windows, USE_CHAR=True, LINER_HID_SIZE=1409))


OTHERS = (
    PublicNetwork(
        "JhnLee/TextCNN-pytorch",
        "7599bcae7b23c16f49dd05e2212b80249a568590",
        "model.py",
        jhnlee,
        padding=Padding(length=64),
        classes=7,
    ),
    PublicNetwork(
        "pochih/pytorch-CNN-text",
        "4c785bdb7543988c09855eca2975a659593fc0e8",
        "src/embed_model.py",
        pochih,
        root="src",
        padding=Padding(least=5),
    ),
    PublicNetwork(
        "miracleyoo/DPCNN-TextCNN-Pytorch-Inception",
        "30bb54ea62de8be06aba2dff8e1b2172181cffdc",
        "models/TextCNNInc.py",
        miracleyoo,
        files=("models/BasicModule.py", "models/__init__.py"),
        padding=Padding(length=30),
        classes=10,
    ),
    PublicNetwork(
        "649453932/Chinese-Text-Classification-Pytorch",
        "6cb26819af7b646275aff8a4693676f2849e67f6",
        "models/DPCNN.py",
        dpcnn,
        padding=Padding(length=32),
        padding_row=ROWS - 1,
        unknown_row=ROWS - 2,
        classes=10,
        wrapped="takes a tuple",
    ),
    PublicNetwork(
        "castorini/hedwig",
        "277814c401f4d17f5489e3c8c6deefc1af9eeffd",
        "models/xml_cnn/model.py",
        lambda module: module.XmlCNN(hedwig(num_bottleneck_hidden=512, dynamic_pool_length=32)),
        root="models/xml_cnn",
        padding_row=1,
        unknown_row=0,
        classes=90,
    ),
    PublicNetwork(
        "bamtercelboo/cnn-lstm-bilstm-deepcnn-clstm-in-pytorch",
        "71b8c3f21b6dbc39562a3f8f221e90a1c7d9592f",
        "models/model_DeepCNN.py",
        lambda module: module.DEEP_CNN(bamtercelboo_settings()),
        files=("DataUtils/Common.py",),
        padding_row=1,
        unknown_row=0,
    ),
    PublicNetwork(
        "bamtercelboo/cnn-lstm-bilstm-deepcnn-clstm-in-pytorch",
        "71b8c3f21b6dbc39562a3f8f221e90a1c7d9592f",
        "models/model_HighWay_CNN.py",
        lambda module: module.HighWay_CNN(bamtercelboo_settings()),
        files=("DataUtils/Common.py",),
        padding_row=1,
        unknown_row=0,
    ),
    PublicNetwork(
        "FernandoLpz/Text-Classification-CNN-PyTorch",
        "eab9d9eaa0cd986047079a24a3a91fa55c42848d",
        "src/model/model.py",
        fernandolpz,
        root="src/model",
        padding=Padding(length=35),
        unknown_row=ROWS - 1,
    ),
    PublicNetwork(
        "uvipen/Very-deep-cnn-pytorch",
        "b82677420ffb02c6ddab8dd18b3b14945d4af27b",
        "src/very_deep_cnn.py",
        lambda module: module.VDCNN(n_classes=4, num_embedding=ROWS, depth=29),
        root="src",
        padding=Padding(length=1024),
        classes=4,
    ),
    PublicNetwork(
        "srviest/char-cnn-text-classification-pytorch",
        "f269894ad40ef4d716b76b24db20379f102cae37",
        "model.py",
        srviest,
        padding=Padding(length=1014),
        classes=4,
        wrapped="takes zeros and ones",
    ),
    PublicNetwork(
        "threelittlemonkeys/text-classification-pytorch",
        "3ac7bdf0ebaa5ec3a605cde8a5e058f03ce92125",
        "cnn/model.py",
        threelittlemonkeys,
        files=("embedding.py", "utils.py", "cnn/parameters.py"),
        root="cnn",
        padding=Padding(least=4),
        unknown_row=3,
        classes=4,
        wrapped="takes characters, too, which its settings leave out here",
    ),
    PublicNetwork(
        "cmasch/cnn-text-classification",
        "b543f6961e81bf861553432d36c4424a6d0af904",
        "cnn_model.py",
        cmasch,
        fakes=TENSORFLOW,
        padding=Padding(length=100),
    ),
)
