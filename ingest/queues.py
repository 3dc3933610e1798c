"""The queues of the Celery workers, named apart from them: who only names a queue need not load Celery."""

from __future__ import annotations

TEXT_QUEUE = "text"
OCR_QUEUE = "ocr"
INDEX_QUEUE = "index"
QUEUES = (TEXT_QUEUE, OCR_QUEUE, INDEX_QUEUE)
