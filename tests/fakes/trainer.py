"""A scripted trainer: speaks the event protocol on descriptor 3 and does, quickly, what its config says.

Run as `python trainer.py RUN_DIR`. It loads the standard library only until it needs more: hundreds start in seconds.

Config: `steps`; `pause_s` after each; `checkpoint_every`; `points` metric events at once before the steps;
`die_at` (SIGKILLs itself there in epoch 1); `gates` {step: file}: waits there until the file exists in the data
directory; `deaf` to SIGTERM; `grandchild`: starts one that would sleep for ever, or forks it ("forked"); `says`: a log line
(NUL in it becomes that character);
`failure`: ends with it; `artifact`: "whole" or "broken"; `announces`: an artifact event as it stands; `orphan_proof`: dies with its parent (on by default).
"""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EVENTS_FD = 3
STARTS = "starts.log"
GRANDCHILD = "grandchild"
LOSS = "train/loss"
RUN_EPOCH = "run/epoch"


class Trainer:
    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.spec: dict[str, Any] = json.loads((run_dir / "spec.json").read_bytes())
        self.config: dict[str, Any] = self.spec["config"]
        self.data_dir = Path(self.spec["data_dir"])
        self.src_seq = 0
        self.told_to_stop = False

    def emit(self, kind: str, /, **body: Any) -> None:
        self.src_seq += 1
        at = datetime.now(UTC).isoformat()
        event = {"src_seq": self.src_seq, "at": at, "body": {"type": kind, **body}}
        line = json.dumps(event).encode() + b"\n"
        while line:
            line = line[os.write(EVENTS_FD, line) :]

    def run(self) -> int:
        self.prepare()
        first = self.resumed_step() + 1
        for point in range(self.config.get("points", 0)):
            self.emit("metrics", step=point, values={"points": float(point)})
        for step in range(first, self.config.get("steps", 3) + 1):
            if not self.passes_gate(step):
                self.save(step - 1)
                self.emit("finished", outcome="cancelled")
                return 10
            self.train(step)
        return self.end()

    def prepare(self) -> None:
        with (self.data_dir / STARTS).open("a") as starts:
            starts.write(f"{self.spec['job_id']} {self.spec['epoch']}\n")
        if self.config.get("orphan_proof", True):
            from llmlora.kit.processes import die_with_parent

            die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_IGN if self.config.get("deaf") else self.on_term)
        if self.config.get("grandchild") == "forked":  # and so it holds the pipe of the events
            other_pid = os.fork()
            while other_pid == 0:
                time.sleep(600)
            (self.run_dir / GRANDCHILD).write_text(str(other_pid))
        elif self.config.get("grandchild"):
            other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            (self.run_dir / GRANDCHILD).write_text(str(other.pid))
        if "says" in self.config:
            self.emit("log", level="info", message=self.config["says"].replace("NUL", "\x00"))

    def on_term(self, *_: object) -> None:
        self.told_to_stop = True

    def resumed_step(self) -> int:
        if self.spec["resume_from"] is None:
            return 0
        from llmlora.kit.manifest import first_broken_file

        checkpoint = Path(self.spec["resume_from"])
        assert first_broken_file(checkpoint) is None
        return int(json.loads((checkpoint / "state.json").read_text())["step"])

    def passes_gate(self, step: int) -> bool:
        """Wait where the script says so; False: it was told to stop."""
        gate = self.config.get("gates", {}).get(str(step))
        while gate and not (self.data_dir / gate).exists() and not self.told_to_stop:
            time.sleep(0.01)
        return not self.told_to_stop

    def train(self, step: int) -> None:
        if self.config.get("die_at") == step and self.spec["epoch"] == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        total = self.config.get("steps", 3)
        self.emit("progress", stage="train", done=step, total=total, unit="steps")
        self.emit("metrics", step=step, values={LOSS: 1 / step, RUN_EPOCH: float(self.spec["epoch"])})
        every = self.config.get("checkpoint_every", 0)
        if every and step % every == 0:
            self.save(step)
        time.sleep(self.config.get("pause_s", 0.0))

    def save(self, step: int) -> None:
        from llmlora.kit.files import published_directory, sha256_of_tree, size_of_tree
        from llmlora.kit.manifest import write_manifest

        target = self.run_dir / "checkpoints" / f"step_{step}"
        if target.exists() or step == 0:
            return
        with published_directory(target) as directory:
            (directory / "state.json").write_text(json.dumps({"step": step}))
            write_manifest(directory, step=step)
        path = target.relative_to(self.run_dir).as_posix()
        size = size_of_tree(target)
        self.emit("checkpoint", step=step, path=path, sha256=sha256_of_tree(target), size_bytes=size)

    def end(self) -> int:
        failure = self.config.get("failure")
        if failure is not None:
            self.emit("failure", failure_class=failure, code="scripted", ja="台本どおり", en="as scripted")
            return 1
        if "artifact" in self.config:
            self.publish()
        if "announces" in self.config:
            self.emit("artifact", kind="report", name="given", facts={}, **self.config["announces"])
        self.emit("finished", outcome="completed")
        return 0

    def publish(self) -> None:
        from llmlora.kit.files import sha256_of_file

        path = self.run_dir / "report.json"
        path.write_text("{}")
        facts = {"sha256": sha256_of_file(path), "size_bytes": path.stat().st_size}
        if self.config["artifact"] == "broken":
            path.write_text("{")
        self.emit("artifact", kind="report", name="report", path=path.name, facts={}, **facts)


if __name__ == "__main__":
    sys.exit(Trainer(Path(sys.argv[1])).run())
