"""What every door below /api/v1 has in common: who asks, what may be asked, how it is answered and refused."""

from ehr.access.endpoints.endpoint import Endpoint
from ehr.access.endpoints.questions import AFTER, PageQuestion, Question

__all__ = ["AFTER", "Endpoint", "PageQuestion", "Question"]
