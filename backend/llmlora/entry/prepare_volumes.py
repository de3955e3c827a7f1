"""`python -m llmlora.entry.prepare_volumes --secrets DIR --owner UID:GID VOLUME…`: what containers need before the first starts.

Writes the passwords and the token, one file each, that the services of docker-compose.yml read: those of the environment, or
else those of the last start, or else new ones. Gives each volume to the user that writes in it. Changes nothing that is right.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from llmlora.entry.program import tell_error
from llmlora.kit.errors import AppError, InvalidInputError, UnavailableError
from llmlora.kit.files import write_atomically

POSTGRES_PASSWORD, VALKEY_PASSWORD = "postgres_password", "valkey_password"
VALKEY_CONFIG = "valkey.conf"
# Named as `kit.settings` looks for them in its `secrets_dir`.
INFERENCE_TOKEN, DATABASE_URL, REDIS_URL = (
    "llmlora_inference_token",
    "llmlora_database_url",
    "llmlora_redis_url",
)
# By the file in which each is kept: the variable in which a person may name it.
GIVEN = {
    POSTGRES_PASSWORD: "LLMLORA_POSTGRES_PASSWORD",
    VALKEY_PASSWORD: "LLMLORA_VALKEY_PASSWORD",
    INFERENCE_TOKEN: "LLMLORA_INFERENCE_TOKEN",
}
# Readers are users of other images; nobody else mounts the volume.
READABLE, ENTERABLE = 0o444, 0o755


class SecretUnfitError(InvalidInputError):
    """A secret that files and addresses cannot carry."""

    code = "secret_unfit"
    ja = "{variable} は ASCII の文字だけで、空白を入れずに指定してください。"
    en = "{variable} must be printable ASCII without spaces."


class VolumeNotOursError(UnavailableError):
    """A volume cannot be given to the user that is to write in it."""

    code = "volume_not_ours"
    ja = "{path} の所有者を {owner} にできません（{reason}）。ボリュームの所有者を変更してください。"
    en = "{path} cannot be given to {owner} ({reason}). Change the owner of the volume."


def write_secrets(folder: Path, environment: Mapping[str, str]) -> None:
    """Every file of `folder`, whole or not at all. A secret that is kept stays until the environment names another.

    Raises:
        SecretUnfitError: the environment names one that cannot be used.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(ENTERABLE)
    kept = {name: _secret(folder / name, variable, environment) for name, variable in GIVEN.items()}
    quoted = kept[VALKEY_PASSWORD].replace("\\", "\\\\").replace('"', '\\"')
    addresses = {
        DATABASE_URL: _with_password(environment["LLMLORA_DATABASE_URL"], kept[POSTGRES_PASSWORD]),
        REDIS_URL: _with_password(environment["LLMLORA_REDIS_URL"], kept[VALKEY_PASSWORD]),
    }
    for name, content in {**kept, **addresses, VALKEY_CONFIG: f'requirepass "{quoted}"\n'}.items():
        path = folder / name
        if not path.exists() or path.read_text() != content:
            write_atomically(path, content.encode())
        path.chmod(READABLE)


def give(volume: Path, owner: tuple[int, int]) -> None:
    """Make `owner` (user, group) the owner of a volume's root; one that is stays untouched.

    Raises:
        VolumeNotOursError: that is not allowed here.
    """
    found = volume.stat()
    if (found.st_uid, found.st_gid) == owner:
        return
    try:
        os.chown(volume, *owner)
    except OSError as error:
        owner_text = f"{owner[0]}:{owner[1]}"
        raise VolumeNotOursError(path=volume, owner=owner_text, reason=error.strerror) from error


def _secret(path: Path, variable: str, environment: Mapping[str, str]) -> str:
    given = environment.get(variable, "").strip()
    if given:
        if not (given.isascii() and given.isprintable() and " " not in given):
            raise SecretUnfitError(variable=variable)
        return given
    return (path.read_text() if path.exists() else "") or secrets.token_urlsafe(32)


def _with_password(url: str, password: str) -> str:
    """`scheme://user@host/…` with the password in its place."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()


def _owner(text: str) -> tuple[int, int]:
    user, _, group = text.partition(":")
    return int(user), int(group)


def main() -> int:
    """Prepare what the arguments name; the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--secrets", type=Path, required=True)
    parser.add_argument("--owner", type=_owner, required=True)
    parser.add_argument("volumes", type=Path, nargs="*")
    asked = parser.parse_args()
    try:
        write_secrets(asked.secrets, os.environ)
        for volume in asked.volumes:
            give(volume, asked.owner)
    except AppError as error:
        tell_error(error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
