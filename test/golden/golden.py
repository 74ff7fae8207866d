"""Writes a JSON file of golden values beside the program that made them, with the versions of what was asked."""

import importlib.metadata
import json
import pathlib
import platform


def write(program: str, packages: list[str], values: dict) -> None:
    path = pathlib.Path(program).with_suffix(".json")
    versions = {name: importlib.metadata.version(name).split("+")[0] for name in packages}
    record = {"program": path.with_suffix(".py").name, "versions": {"python": platform.python_version(), **versions}, **values}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"wrote {path.name}")
