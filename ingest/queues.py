"""The queues of the Celery workers, named apart from them: who only names a queue need not load Celery."""

from __future__ import annotations

TEXT_QUEUE = "text"
INDEX_QUEUE = "index"
QUEUES = (TEXT_QUEUE, INDEX_QUEUE)
