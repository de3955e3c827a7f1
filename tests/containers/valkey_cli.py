"""Stands for the image's `valkey-cli -h HOST -p PORT ping`: the wheel has a server only. The server asked is the true one."""

import argparse
import os
import sys

from redis import Redis
from redis.exceptions import RedisError

parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("-h", dest="host", required=True)
parser.add_argument("-p", dest="port", type=int, required=True)
parser.add_argument("command", choices=["ping"])
asked = parser.parse_args()
try:
    with Redis(host=asked.host, port=asked.port, password=os.environ.get("REDISCLI_AUTH")) as client:
        client.ping()
except RedisError as error:
    sys.exit(f"(error) {error}")
sys.stdout.write("PONG\n")
