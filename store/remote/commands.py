"""The commands that load a folder of `vises.store.remote.bulk` into each engine.

They are those of docs/operations.md, section Remote engines, which says which of them were run.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def _virtuoso(folder: str) -> str:
    quoted = folder.replace("'", "''")
    return f"""\
# In virtuoso.ini the folder must be one of DirsAllowed. isql-vt asks for the password.
isql-vt 127.0.0.1:1111 dba <<'SQL'
ld_dir('{quoted}', 'part-*.nq.gz', 'urn:vises:no-graph');
rdf_loader_run();
checkpoint;
ld_dir('{quoted}', 'replica.nq', 'urn:vises:no-graph');
rdf_loader_run();
checkpoint;
select ll_file, ll_error from DB.DBA.load_list where ll_state <> 2 or ll_error is not null;
SQL"""  # noqa: S608 (shown to a person; a quote in the name is doubled)


def _qlever(folder: str) -> str:
    return f"""\
# pip install qlever; in a folder of its own, with this Qleverfile:
cat > Qleverfile <<'INI'
[data]
NAME = vises
FORMAT = nq
[index]
INPUT_FILES = part-*.nq.gz replica.nq
CAT_INPUT_FILES = zcat -f ${{INPUT_FILES}}
[server]
PORT = 7019
ACCESS_TOKEN = TOKEN
[runtime]
SYSTEM = docker
INI
ln -s {shlex.quote(folder)}/*.nq* .
qlever index && qlever start"""


def _graphdb(folder: str) -> str:
    quoted = shlex.quote(folder)
    return f"""\
# With the server stopped; what the repository of that configuration held is overwritten.
bin/importrdf preload --force -c repo-config.ttl {quoted}/part-*.nq.gz {quoted}/replica.nq"""


def _neptune(folder: str) -> str:
    return f"""\
aws s3 cp --recursive --exclude '*' --include '*.nq*' {shlex.quote(folder)} s3://BUCKET/vises/
curl -X POST -H 'Content-Type: application/json' https://ENDPOINT:8182/loader -d '
  {{"source": "s3://BUCKET/vises/", "format": "nquads", "region": "REGION",
   "iamRoleArn": "arn:aws:iam::ACCOUNT:role/ROLE", "failOnError": "TRUE"}}'
curl https://ENDPOINT:8182/loader/LOAD_ID    # until LOAD_COMPLETED"""


LOADERS: Mapping[str, Callable[[str], str]] = {
    "virtuoso": _virtuoso,
    "qlever": _qlever,
    "graphdb": _graphdb,
    "neptune": _neptune,
}


def loading_commands(engine: str, folder: Path) -> str:
    """Return the commands for one of `LOADERS` and a folder."""
    return LOADERS[engine](str(folder.resolve()))
