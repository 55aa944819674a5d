"""How variables of the environment become settings: by their prefix, an empty one as if it were not there."""

from pydantic_settings import SettingsConfigDict

PREFIX = "VDR_"
# Compose files pass unset variables as empty ones: an empty variable counts as unset.
FROM_ENVIRONMENT = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, allow_inf_nan=False)
