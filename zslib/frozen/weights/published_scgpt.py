"""The published checkpoints of scGPT."""

from zslib.frozen.weights.card import File, WeightsCard

_NO_RECORD = "no public record of its size and hash was found"

_SCGPT = {
    "network": "scgpt",
    "publisher": "Wang lab, University of Toronto (bowang-lab)",
    "homepage": "https://github.com/bowang-lab/scGPT",
    "license": "MIT for the code; no separate terms are published for the weights",
    "citation": (
        "Cui H, Wang C, Maan H, Pang K, Luo F, Duan N, Wang B. scGPT: toward building a foundation model for "
        "single-cell multi-omics using generative AI. Nature Methods 2024;21:1470–1480"
    ),
    "doi": "10.1038/s41592-024-02201-0",
}
_BY_HAND = {
    "repository": None,
    "revision": None,
    "origin": (
        "The authors offer it as a shared folder, linked from the README of their repository, which has no "
        "revisions. No copy on a model hub with a known revision and known hashes was found."
    ),
}
_CENSUS = "The CELLxGENE collection as of May 2023"
_SEEN = "CELLxGENE as of May 2023 holds Tabula Sapiens and the cross-tissue immune atlas: take both as seen."
_PART = "Size and composition of the corpus change together between the tissue variants and the whole-human model."


def _scgpt_files(*, weights: File) -> tuple[File, ...]:
    return (
        weights,
        File("settings", "args.json", note=_NO_RECORD),
        File("vocabulary", "vocab.json", note=_NO_RECORD),
    )


HUMAN = WeightsCard(
    name="scgpt-human",
    title="scGPT, whole human",
    summary="Transformer of 12 layers and 51 million weights over genes and binned counts; 512 dimensions.",
    repository="wanglab/scGPT-human",
    revision="a24c237737a40f3720f75abb555489e9fe753be6",
    origin="The authors' laboratory's own copy on the hub; independent records agree on the hashes.",
    files=(
        File(
            "weights",
            "best_model.pt",
            205_385_258,
            "6cb5d451ab5c4b33eb673adbe4fddc61d2389df1b89b7651a9fe2e557572b922",
        ),
        File(
            "settings", "args.json", 1_300, "c18e075e018140cb8b2d9029387b9de26607a5ce6a8ccabd6ead70cd76b95d60"
        ),
        File(
            "vocabulary",
            "vocab.json",
            1_317_639,
            "acca93d114ca62c3f0f50debbd23e8c87f0714f4737764454f6b2b13f2e8580f",
        ),
    ),
    corpus="33 million normal human cells of many tissues, from CELLxGENE",
    cut_off=_CENSUS,
    caveats=(_SEEN,),
    **_SCGPT,
)

BLOOD = WeightsCard(
    name="scgpt-blood",
    title="scGPT, blood",
    summary="The network of scgpt-human, pre-trained on blood and bone marrow only.",
    files=_scgpt_files(weights=File("weights", "best_model.pt", note=_NO_RECORD)),
    corpus="10.3 million normal human cells of blood and bone marrow, from CELLxGENE",
    cut_off=_CENSUS,
    caveats=(_SEEN, _PART),
    **_BY_HAND,
    **_SCGPT,
)

KIDNEY = WeightsCard(
    name="scgpt-kidney",
    title="scGPT, kidney",
    summary="The network of scgpt-human, pre-trained on kidney only.",
    files=_scgpt_files(weights=File("weights", "best_model.pt", note=_NO_RECORD)),
    corpus="814 thousand normal human cells of the kidney, from CELLxGENE",
    cut_off=_CENSUS,
    caveats=(_PART,),
    **_BY_HAND,
    **_SCGPT,
)

CONTINUAL = WeightsCard(
    name="scgpt-continual-pretrained",
    title="scGPT, continual pre-trained",
    summary="scgpt-human trained further, with cell types as supervision, for better cell embeddings.",
    files=_scgpt_files(
        weights=File(
            "weights",
            "best_model.pt",
            207_861_754,
            "ad0252a1971e0cd619b7116dbab3177432236c4537225d54280a2aa7e5fe402a",
            note="by one public record only",
        )
    ),
    corpus="That of scgpt-human, then labeled cells of Tabula Sapiens; the number of cells is not stated",
    cut_off="Not stated; not before May 2023",
    caveats=(
        "It was shown the cell types of Tabula Sapiens: scores there are not zero-shot.",
        "Being supervised, it does not tell what self-supervised pre-training achieves.",
    ),
    **_BY_HAND,
    **_SCGPT,
)

CARDS = (HUMAN, BLOOD, KIDNEY, CONTINUAL)
