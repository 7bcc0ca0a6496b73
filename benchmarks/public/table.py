"""All public networks that are tried, by repository and class or file."""

from benchmarks.public.libraries import LIBRARIES
from benchmarks.public.network import PublicNetwork
from benchmarks.public.others import OTHERS
from benchmarks.public.tutorials import TUTORIALS

NETWORKS: dict[str, PublicNetwork] = {
    f"{network.repository} {network.file}": network for network in (*TUTORIALS, *LIBRARIES, *OTHERS)
}
