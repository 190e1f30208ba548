"""`python late.py SECONDS PYTHON -m beseda ...`: Beseda on a machine whose clock is so much ahead."""

import runpy
import sys
import time

_, seconds, _, _, module, *arguments = sys.argv
true_ns = time.time_ns
time.time_ns = lambda: true_ns() + int(seconds) * 1_000_000_000
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__", alter_sys=True)
