#!/usr/bin/env bash
# 動いているスタジオを点検します: 環境、サービス、ポート、ディスク、メモリ、デバイス、モデル、Ollama、時計、ロケール、講座のデータ。
# Examines the studio that runs: environment, services, ports, disk, memory, devices, models, Ollama, clock, locale, the courses' data.
# 不良があれば対処とともに表示し、終了コードは 0 以外になります。 What fails is shown with its cure, and the exit code is not 0.
#   bash tutorial/scripts/run_all_verifications.sh [--no-ollama] [--data-dir DIR] [--json]
exec "$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/llmlora" doctor --running "$@"
