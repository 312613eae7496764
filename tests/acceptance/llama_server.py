"""A real model behind an OpenAI-compatible server, in a process of its own: `python llama_server.py WEIGHTS`.

Prints its address when it is ready. Ends when its standard input does, so that it never outlives whoever started it.
"""

import sys


def main() -> None:
    from xllamacpp import CommonParams, Server

    params = CommonParams()
    params.model.path = sys.argv[1]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 4096
    params.n_parallel = 1
    params.use_jinja = True
    params.warmup = False
    server = Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
