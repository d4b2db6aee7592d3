"""Control: the encoder of the cell sentence with weights that were never trained."""

from zslib.methods import cell_sentence
from zslib.methods.card import MethodCard

CARD = MethodCard(
    name="cell-sentence-untrained",
    title="cell sentence, untrained",
    family="small",
    summary=(
        "The sentences and the encoder of the cell sentence, of the same size, untrained. What pre-training "
        "on English adds must show as a difference from this."
    ),
    recipe="As cell-sentence, but that all weights are drawn by BERT's initialization from the seed.",
    caveat="One draw of weights is one draw. It still tells word pieces apart, and so genes.",
    citation="Devlin et al., NAACL (2019), doi:10.18653/v1/N19-1423, for the network",
    color="#8C8C8C",
    marker="$v_0$",
)


def embed(adata, *, batch_key=None, seed=0, device="cpu", max_pieces: int = 128, batch_size: int = 64):
    """Encoded sentences, shape (n_cells, 384), each of length 1."""
    encoder = cell_sentence.encoder(max_pieces, untrained=seed)
    return cell_sentence.encode(adata, *encoder, device=device, batch_size=batch_size)
