"""What moves are associated with: doubly robust differences in log pay, by study, pooled, with what would undo them."""

from paylens.model.fit.premiums.table import SCHEMA, card, premiums

__all__ = ["SCHEMA", "card", "premiums"]
