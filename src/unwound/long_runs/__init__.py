"""Long trial runs in blocks: nothing lost, nothing doubled, and the same bytes however the work was cut.

    job       what is computed, known by its hash         folder    where it lies
    block     some people: one part and one line          finish    all blocks make one result
    verify    every byte is still what it was             execute   threads, processes or a cluster do the blocks

Nothing here loads JAX or pyarrow on import.
"""

from unwound.long_runs.block import simulate_block
from unwound.long_runs.execute import execute, executor_of
from unwound.long_runs.finish import finish
from unwound.long_runs.folder import JobFolder
from unwound.long_runs.job import Job
from unwound.long_runs.verify import Status, status, verify

__all__ = ["Job", "JobFolder", "Status", "execute", "executor_of", "finish", "simulate_block", "status", "verify"]
