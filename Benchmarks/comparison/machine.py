"""Where figures come from: processor, system, versions; and how vector instructions are masked."""

import os
import pathlib
import platform
import subprocess
import time

# Each library has a switch of its own.
MASKS = {
    "avx2": {
        "MUSICCAPTIONER_ISA": "avx2",
        "OPENBLAS_CORETYPE": "Haswell",
        "DNNL_MAX_CPU_ISA": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "CT2_FORCE_CPU_ISA": "AVX2",
    }
}


def environment(isa: str | None) -> dict:
    """Ours, where the libraries choose their kernels themselves, or as `isa` says."""
    switches = {name for mask in MASKS.values() for name in mask}
    kept = {name: value for name, value in os.environ.items() if name not in switches}
    return kept | MASKS.get(isa or "", {})


def description() -> dict:
    return {
        "date": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
        "processor": processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "load": os.getloadavg()[0],
        "swift": output_of("swift", "--version").split("\n")[0],
        "commit": output_of("git", "describe", "--always", "--dirty"),
    }


def processor() -> dict:
    """What /proc/cpuinfo says of the first processor."""
    keys = ("model name", "cpu family", "model", "cpu MHz", "cache size", "flags")
    found = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().split("\n\n")[0].split("\n"):
        key, _, value = line.partition(":")
        if key.strip() in keys:
            found[key.strip()] = value.strip()
    wanted = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8")
    found["flags"] = [flag for flag in wanted if flag in found.get("flags", "").split()]
    return found


def output_of(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
