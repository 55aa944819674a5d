"""A rotation whose first dimensions tell questions and pages apart.

A rotation changes no cosine at the full width, so nothing that the model knows can be lost by it. It is
learned for the widths that vectors may be cut to (Kusupati et al., Matryoshka Representation Learning,
NeurIPS 2022): a question is to be nearer to the window that answers it than to others, by a softmax over
those of its batch and some drawn at random.
"""

import torch
from torch.nn import functional as F

from training.axes import principal_axes
from training.text_encoder.material import Material
from vdr.types import FloatArray

SHARES = (2, 4, 8, 16)  # of the dimensions that are kept: a half to a sixteenth
_SCALE = 20.0  # as Sentence Transformers has it for its ranking losses
_BATCH, _DRAWN = 256, 768
_LEARNING_RATE = 1e-3


def learned_rotation(material: Material, steps: int, seed: int = 0) -> FloatArray:
    """An orthogonal matrix (dims, dims), to be multiplied with vectors from the left."""
    windows, queries = torch.from_numpy(material.windows), torch.from_numpy(material.queries)
    answers, best = torch.from_numpy(material.answers), torch.from_numpy(material.best_windows())
    axes = torch.from_numpy(principal_axes(material.windows, material.queries)).float()
    dims = axes.shape[0]
    turn = torch.zeros(dims, dims, requires_grad=True)
    optimizer = torch.optim.Adam([turn], lr=_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    drawn = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        chosen = torch.randint(len(queries), (_BATCH,), generator=drawn)
        others = torch.randint(len(windows), (_DRAWN,), generator=drawn)
        rotation = _rotation(turn, axes)
        asked = queries[chosen] @ rotation.T
        shown = torch.cat([windows[best[chosen]], windows[others]]) @ rotation.T
        loss = _loss(asked, shown, answers[chosen])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    found: FloatArray = _rotation(turn, axes).detach().numpy()
    return found


def _rotation(turn: torch.Tensor, axes: torch.Tensor) -> torch.Tensor:
    """The exponential of a skew-symmetric matrix is a rotation."""
    turned: torch.Tensor = torch.linalg.matrix_exp(turn - turn.T) @ axes
    return turned


def _loss(asked: torch.Tensor, shown: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """The first of the shown are those that answer; a window of the same page is no wrong answer."""
    right = torch.arange(len(asked))
    is_same = torch.zeros(len(asked), len(shown), dtype=torch.bool)
    is_same[:, : len(asked)] = (answers[:, None] == answers[None]).fill_diagonal_(False)
    dims = asked.shape[1]
    losses = []
    for width in (dims // share for share in SHARES):
        cosines = F.normalize(asked[:, :width]) @ F.normalize(shown[:, :width]).T
        losses.append(F.cross_entropy((cosines * _SCALE).masked_fill(is_same, -torch.inf), right))
    return torch.stack(losses).sum()
