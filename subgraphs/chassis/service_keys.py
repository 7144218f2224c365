"""
The keys by which services know one another: in the environment, or in files that may change while a process runs.

``<SERVICE>_SERVICE_KEY`` and ``SERVICE_PUBLIC_KEYS`` hold them; with ``_FILE`` at the end of its name a variable says
where they are. Of a file, what it holds now counts: keys are changed without a restart.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from subgraphs.chassis.env import Env, WrongSetting


class Secret:
    """A text that a file may hold; ``secret()`` is what it is now."""

    def __init__(self, text: str = "", file: Path | None = None) -> None:
        self._text = text
        self._file = file
        self._seen: tuple[int, int, int] | None = None

    @classmethod
    def from_environment(cls, env: Env, name: str) -> "Secret":
        """
        The setting ``name``, or the file that ``<name>_FILE`` names.

        :raises MissingSetting: when neither is there, naming the first.
        :raises WrongSetting: when the file cannot be read.
        """
        if file := env.text(f"{name}_FILE", ""):
            secret = cls(file=Path(file))
            try:
                secret()
            except OSError as problem:
                raise WrongSetting(f"{name}_FILE={file!r} cannot be read: {problem.strerror}") from None
            return secret
        return cls(env.text(name))

    def __call__(self) -> str:
        """The text; read again when the file is another one than before."""
        if self._file is not None:
            now = self._file.stat()
            seen = (now.st_mtime_ns, now.st_ino, now.st_size)
            if seen != self._seen:
                self._text, self._seen = self._file.read_text().strip(), seen
        return self._text


class PublicKeys(Mapping[str, tuple[str, ...]]):
    """
    Service → its public keys, the newest first: while keys change, what the older one signed is still good.

    The secret holds JSON: a key, or a list of keys, for each service.
    """

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._text = ""
        self._keys: dict[str, tuple[str, ...]] = {}

    @classmethod
    def from_environment(cls, env: Env) -> "PublicKeys":
        """
        Those in ``SERVICE_PUBLIC_KEYS`` or ``SERVICE_PUBLIC_KEYS_FILE``.

        :raises WrongSetting: when it is not JSON of the right form.
        """
        keys = cls(Secret.from_environment(env, "SERVICE_PUBLIC_KEYS"))
        keys._current()
        return keys

    def __getitem__(self, service: str) -> tuple[str, ...]:
        return self._current()[service]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def _current(self) -> Mapping[str, tuple[str, ...]]:
        text = self._secret()
        if text != self._text:
            try:
                said = json.loads(text)
                self._keys = {name: (key,) if isinstance(key, str) else tuple(key) for name, key in said.items()}
            except (ValueError, TypeError, AttributeError) as wrong:
                raise WrongSetting(
                    f"SERVICE_PUBLIC_KEYS is not JSON of services and their public keys: {wrong}"
                ) from None
            self._text = text
        return self._keys
