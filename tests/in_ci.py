"""A plugin for pytest: what may not happen in CI, and what runs only on the servers that come with Torg."""

import os

import pytest

TAKES_NO_SKIPS = "CI takes no skips"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "embedded: starts the servers that come with Torg; left out where DATABASE_URL names another",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count as such, what has nothing to say of a PostgreSQL of one's own."""
    if not os.environ.get("DATABASE_URL"):
        return
    left_out = [item for item in items if item.get_closest_marker("embedded")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("embedded")]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session):
    """Fail a run in CI that would pass, but for what it left out."""
    result = yield
    if session.exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    skipped = _skipped(config)
    if skipped:
        terminalreporter.section(TAKES_NO_SKIPS)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.line(f"{report.nodeid}: {reason}")


def _skipped(config: pytest.Config) -> list[pytest.TestReport | pytest.CollectReport]:
    """Return what was skipped, if this is CI; the processes of a parallel run leave it to the one above them."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None or hasattr(config, "workerinput"):
        return []
    return reporter.stats.get("skipped", [])
