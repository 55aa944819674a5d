"""Whether a call is sent again after an error, and when."""

import random

import httpx

from .errors import ServiceUnavailable, VdrError

_FIRST_S, _FACTOR = 0.5, 2.0
_LONGEST_S = 60.0  # whoever is told to wait longer had better know
_NOT_DONE = frozenset({429, 503})  # the service has not done what was asked for
_ON_THE_WAY = frozenset({502, 503, 504})  # a proxy's, which may have passed it on
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def pause_s(error: VdrError, tried: int, retries: int, *, may_repeat: bool) -> float | None:
    """Seconds until a call is sent again that has failed `tried` times before; None to give up.

    The service says when; without, the pause doubles from half a second, a quarter more or less by chance.
    """
    if tried >= retries or not _may_help(error, may_repeat=may_repeat):
        return None
    was_told = not isinstance(error, ServiceUnavailable) or "retry_after_s" in vars(error)
    if was_told and error.retry_after_s is not None:
        return float(error.retry_after_s) if error.retry_after_s <= _LONGEST_S else None
    return _FIRST_S * _FACTOR**tried * random.uniform(0.75, 1.25)


def _may_help(error: VdrError, *, may_repeat: bool) -> bool:
    if not isinstance(error, ServiceUnavailable):
        return error.status in _NOT_DONE and error.may_pass
    if isinstance(error.__cause__, httpx.TransportError):
        return may_repeat or isinstance(error.__cause__, _NOT_SENT)
    return error.status in _NOT_DONE or (may_repeat and error.status in _ON_THE_WAY)
