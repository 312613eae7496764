"""Certificates made for a test, by the openssl that is on every machine with Python."""

import subprocess
from pathlib import Path


def make(folder: Path, name: str, *hosts: str, days: int = 365) -> tuple[Path, Path]:
    """NAME.pem and NAME.key for these hosts; a negative number of days: expired."""
    certificate, key, request = folder / f"{name}.pem", folder / f"{name}.key", folder / f"{name}.csr"
    names = ",".join(f"DNS:{host}" for host in hosts)
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n" if hosts else "")
    _openssl(
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test"),
        *("-keyout", str(key), "-out", str(request)),
    )
    _openssl(
        *("x509", "-req", "-in", str(request), "-signkey", str(key), "-days", str(days)),
        *("-extfile", str(folder / f"{name}.ext"), "-out", str(certificate)),
    )
    return certificate, key


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], capture_output=True, check=True, timeout=60)
