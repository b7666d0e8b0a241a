"""Contract tests and a mock server for the TracePass batch-create API."""

from pathlib import Path

if (Path(__file__).parent / "spec").is_file():  # git writes a file where it can make no link
    raise ImportError(
        "The folders of this package are symbolic links, and this checkout has none. On Windows: turn on the developer "
        "mode, then `git config core.symlinks true` and `git checkout -- src`."
    )
