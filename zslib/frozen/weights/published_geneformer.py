"""The published checkpoints of Geneformer."""

from zslib.frozen.weights.card import File, WeightsCard

_GENEFORMER = {
    "network": "geneformer",
    "publisher": "Theodoris lab, Gladstone Institutes",
    "homepage": "https://huggingface.co/ctheodoris/Geneformer",
    "repository": "ctheodoris/Geneformer",
    "license": "Apache-2.0",
}
_V1 = {
    "corpus": "Genecorpus-30M: 27.4 million human cells, without malignant cells and cell lines",
    "cut_off": "Not stated; pre-trained in June 2021 by the model card",
    "citation": (
        "Theodoris CV, Xiao L, Chopra A, et al. Transfer learning enables predictions in network biology. "
        "Nature 2023;618:616–624"
    ),
    "doi": "10.1038/s41586-023-06139-9",
    "caveats": ("GSE84133, the pancreas study of Baron et al., is in its corpus.",),
}
_V2 = {
    "corpus": "Genecorpus-104M: about 104 million human cells, without malignant cells",
    "cut_off": "Not stated",
    "citation": (
        "Chen H, Venkatesh MS, Gomez Ortega J, et al. Quantized multi-task learning for context-specific "
        "representations of gene network dynamics. bioRxiv 2024"
    ),
    "doi": "10.1101/2024.08.16.608180",
    "caveats": ("Which studies are in its corpus was not checked; take published data as seen.",),
}
_CURRENT = "04c2b2e84da7c0f385c3f9ad8f3ec24bab6650e5"

DICTIONARIES = {
    "tokens": "token_dictionary",
    "medians": "gene_median_dictionary",
    "names": "gene_name_id_dict",
    "mapping": "ensembl_mapping_dict",
}
"""What the name of each dictionary's file begins with, by role."""


def _dictionaries(place: str, *known: tuple[int, str]) -> tuple[File, ...]:
    """The dictionaries of a version, which lie in the one repository beside the models: size and hash of each."""
    found = zip(DICTIONARIES.items(), known, strict=True)
    return tuple(File(role, place.format(stem), *about, revision=_CURRENT) for (role, stem), about in found)


_GC30M = _dictionaries(
    "geneformer/gene_dictionaries_30m/{}_gc30M.pkl",
    (788_424, "ab9dc40973fa5224d77b793e2fd114cacf3d08423ed9c4c49caf0ba9c7f218f1"),
    (940_965, "b3b589bb5ec75040d05fc44dd6bf0184cf87f3c362cf158d196a6ed3b7fe5f39"),
    (1_117_117, "55e67962e79c0039a6c32d43c5c99f38e51964bbcfa32f736150ee1e285c438c"),
    (584_125, "eac0fb0b3007267871b6305ac0003ceba19d4f28d85686cb9067ecf142787869"),
)
_GC104M = _dictionaries(
    "geneformer/{}_gc104M.pkl",
    (425_590, "67c445f4385127adfc48dcc072320cd65d6822829bf27dd38070e6e787bc597f"),
    (1_512_661, "a51c53f6a771d64508dfaf61529df70e394c53bd20856926117ae5d641a24bf5"),
    (1_660_882, "fabfa0c2f49c598c59ae432a32c3499a5908c033756c663b5e0cddf58deea8e1"),
    (3_957_652, "0819bcbd869cfa14279449b037eb9ed1d09a91310e77bd1a19d927465030e95c"),
)

V1_10M = WeightsCard(
    name="geneformer-v1-10m",
    title="Geneformer V1, 10M",
    summary="BERT of 6 layers and 10 million weights over genes in rank order; 256 dimensions, 2,048 genes.",
    revision=_CURRENT,
    origin="The authors' repository; published records of this revision agree on the hashes.",
    files=(
        File(
            "weights",
            "Geneformer-V1-10M/model.safetensors",
            41_183_536,
            "a5e33a757431643b3697de7ef6127950cdc49e06e58d4266b3a3ab191b683f14",
        ),
        File(
            "settings",
            "Geneformer-V1-10M/config.json",
            565,
            "9cf69ca3bdb0215c4188b54c451b6f02adfe68b8f66011a57d0f32845133fd4b",
        ),
        *_GC30M,
    ),
    **_V1,
    **_GENEFORMER,
)

V1_12L = WeightsCard(
    name="geneformer-v1-12l",
    title="Geneformer V1, 12 layers",
    summary="BERT of 12 layers over genes in rank order, with the corpus and dictionaries of V1.",
    revision="01d3ea8993c2a49704375d7ee6175210cfa33f11",
    origin="By one public record the last revision that holds this model; the authors' repository has dropped it.",
    files=(
        File(
            "weights",
            "gf-12L-30M-i2048/pytorch_model.bin",
            158_467_410,
            "812f8d85e5ecf9d64c268f052f6ece2c1906bc4f1aecf70d5144b2598386b615",
        ),
        File(
            "settings", "gf-12L-30M-i2048/config.json", note="no public record of its size and hash was found"
        ),
        *_GC30M,
    ),
    **_V1,
    **_GENEFORMER,
)

V2_104M = WeightsCard(
    name="geneformer-v2-104m",
    title="Geneformer V2, 104M",
    summary="BERT of 12 layers and 104 million weights over genes in rank order; 768 dimensions, 4,096 tokens.",
    revision=_CURRENT,
    origin="The authors' repository; published records of this revision agree on the hashes.",
    files=(
        File(
            "weights",
            "Geneformer-V2-104M/model.safetensors",
            417_571_156,
            "fff5cba29ddd8792991fa77b4872246fbe548a178cebda3775cdc72b67780e7f",
        ),
        File(
            "settings",
            "Geneformer-V2-104M/config.json",
            590,
            "467d4492f0dd53b4d60afffe20812db484ca1cf9fdbeb6a6e060e93564f70859",
            note="hashed from a copy of the file",
        ),
        *_GC104M,
    ),
    **_V2,
    **_GENEFORMER,
)

V2_316M = WeightsCard(
    name="geneformer-v2-316m",
    title="Geneformer V2, 316M",
    summary="BERT of 18 layers and 316 million weights over genes in rank order; 1,152 dimensions, 4,096 tokens.",
    revision=_CURRENT,
    origin="The authors' repository; published records of this revision agree on the hashes.",
    files=(
        File(
            "weights",
            "Geneformer-V2-316M/model.safetensors",
            1_265_455_076,
            "965ceccea81953d362081ef3843560a0e4fef88d396c28017881f1e94b1246f3",
        ),
        File(
            "settings",
            "Geneformer-V2-316M/config.json",
            591,
            "2cc4af3442644e84af71814a607b61c958d7b4e5ebde6791ab77b5f534ac6f6e",
        ),
        *_GC104M,
    ),
    **_V2,
    **_GENEFORMER,
)

CARDS = (V1_10M, V1_12L, V2_104M, V2_316M)
