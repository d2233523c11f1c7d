#!/usr/bin/env bash
# Prints a Python that can make GenAni's environment: 3.11, 3.12 or 3.13, with venv and pip.
# PYTHON=... chooses one.
set -euo pipefail

fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'

# Every match in PATH, not only the first: the shim of a version switcher may stand before the rest.
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    for python in $(type -ap "$name"); do
        if "$python" -c "$fits" >/dev/null 2>&1; then
            echo "$python"
            exit 0
        fi
    done
done

echo "GenAni needs Python 3.11, 3.12 or 3.13 with venv, and found none${PYTHON:+ in PYTHON=$PYTHON}." >&2
echo "On Debian and Ubuntu: sudo apt-get install python3 python3-venv" >&2
exit 1
