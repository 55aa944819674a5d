"""What all programs share: vocabulary, errors, settings, catalogue, filters, models, index, objects, search.

Imports none of the other rooms: neither HTTP, jobs nor training are known here.
Begin with `types.py`: the vocabulary.
"""

from vdr.telemetry import turn_off

turn_off()
