"""The groups in which documents are warmed; each kind names its own."""

from torg.caching.warming.groups import declare_groups

declare_groups("products", "categories", "navigation", "homepage", "posts")
