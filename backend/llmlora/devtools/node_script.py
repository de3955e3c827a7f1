"""Scripts that steer a browser: told what to do as one JSON document, they answer with one JSON document a line."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from llmlora.devtools.browser import find_chromium
from llmlora.devtools.studio import say
from llmlora.engine.pages.build import FRONTEND, install_packages
from llmlora.engine.pages.node import require_node
from llmlora.kit.errors import UnavailableError

END_S = 10.0


class BrowserScriptError(UnavailableError):
    """The script or its browser died."""

    code = "browser_script_failed"
    ja = "ブラウザーでの処理が途中で終わりました（{script}、最後の行: {last}）。もう一度実行してください。"
    en = "The work in the browser ended early ({script}; last line: {last}). Run it again."


async def run_script(script: str, task: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """What `frontend/SCRIPT` says about the task, line by line; it gets `chromium` too.

    Raises:
        BrowserScriptError: it did not end well.
        UnavailableError: there is no Node.js or no Chromium.
    """
    node = await asyncio.to_thread(require_node)
    await asyncio.to_thread(install_packages, node, say)
    browser = await asyncio.to_thread(find_chromium)
    process = await asyncio.create_subprocess_exec(
        node.node,
        str(FRONTEND / script),
        cwd=FRONTEND,
        env=node.environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(process.stderr.read())
    try:
        process.stdin.write(json.dumps({**task, "chromium": str(browser)}).encode())
        process.stdin.close()
        async for line in process.stdout:
            yield json.loads(line)
        if await process.wait() != 0:
            said = (await errors).decode(errors="replace").strip().splitlines()
            raise BrowserScriptError(script=script, last="\n".join(said[-12:]) or "–")
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(END_S):
                    await process.wait()
            if process.returncode is None:
                process.kill()
        errors.cancel()
