"""``torg bench``: measure the shop, as ratios that hold on any machine."""

from torg.cli.bench.command import bench

__all__ = ["bench"]
