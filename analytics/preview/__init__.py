"""What a draft policy would have done with past attempts, beside what its base does with them."""

from analytics.preview.comparing import preview
from analytics.preview.reading import recorded_book
from analytics.preview.result import Preview

__all__ = ["Preview", "preview", "recorded_book"]
