"""The losses a configuration asks for, each of them Sentence Transformers' own.

`ranking`: for queries q_i, right pages p_i and every page of the batch,

    L = -1/n sum_i log( exp(s cos(q_i, p_i)) / sum_j exp(s cos(q_i, p_j)) )

(Henderson et al., Efficient Natural Language Response Suggestion for Smart Reply, 2017), its gradient put
together from mini-batches (Gao et al., Scaling Deep Contrastive Learning Batch Size under Memory Limited
Setup, 2021). Matryoshka: the sum of a loss over the first d dimensions, for each d (Kusupati et al., 2022).
"""

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    DistillKLDivLoss,
    EmbedDistillLoss,
    MatryoshkaLoss,
)
from torch import distributed, nn

from training.fit.config import EmbedderLossSection, MatryoshkaSection
from vdr.errors import BadInput


def embedder_loss(model: SentenceTransformer, section: EmbedderLossSection) -> nn.Module:
    """The loss for a model. Raises BadInput when it asks for more dimensions than the model has."""
    if section.matryoshka is None:
        return _plain_loss(model, section)
    check_dimensions(model.get_embedding_dimension() or 0, section.matryoshka)
    if section.kind == "distill-vectors":
        raise BadInput("Teacher vectors are learned at full size.", remedy="Remove loss.matryoshka.")
    weights = section.matryoshka.weights
    return MatryoshkaLoss(
        model,
        _plain_loss(model, section),
        matryoshka_dims=list(section.matryoshka.dims),
        matryoshka_weights=None if weights is None else list(weights),
    )


def check_dimensions(own: int, section: MatryoshkaSection) -> None:
    """Raises BadInput where a dimension is larger than a model's own."""
    for dims in section.dims:
        if not 0 < dims <= own:
            raise BadInput(
                f"loss.matryoshka.dims asks for {dims} dimensions, but the model has {own}.",
                remedy=f"Use dimensions of 1 to {own}.",
            )


def _plain_loss(model: SentenceTransformer, section: EmbedderLossSection) -> nn.Module:
    match section.kind:
        case "ranking":
            return CachedMultipleNegativesRankingLoss(
                model,
                scale=section.scale,
                mini_batch_size=section.mini_batch_size,
                gather_across_devices=distributed.is_initialized() and distributed.get_world_size() > 1,
            )
        case "distill-scores":
            return DistillKLDivLoss(model, temperature=1 / section.scale)
        case "distill-vectors":
            return EmbedDistillLoss(model, distance_metric="cosine")
