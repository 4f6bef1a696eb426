"""The git source: bare mirrors of repositories, and what can be read from them without a network.

How git is run: `environment` (its variables), `process` (start, limit, end), `failures` (its words as our errors).
Reading: `mirror`, with `log` (commits and file changes), `objects` (files and folders), `fields` (bytes as text).
Keeping up to date: `mirrors`, with `transfer` (what came from the host), `locking` and `last_refresh`.
What follows from the graph of commits: `ancestry`.
"""

from boost_pipeline.sources.git.ancestry import Ancestry, Standing
from boost_pipeline.sources.git.log import Commit, FileChange
from boost_pipeline.sources.git.mirror import Mirror, Node, Ref
from boost_pipeline.sources.git.mirrors import GitMirrors, Refresh
from boost_pipeline.sources.git.objects import GitObject, Objects, TreeEntry

__all__ = [
    "Ancestry",
    "Commit",
    "FileChange",
    "GitMirrors",
    "GitObject",
    "Mirror",
    "Node",
    "Objects",
    "Ref",
    "Refresh",
    "Standing",
    "TreeEntry",
]
