from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    try:
        return version("daler")
    except PackageNotFoundError:
        return "0"
