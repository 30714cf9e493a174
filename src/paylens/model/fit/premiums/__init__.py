"""What moves are associated with: doubly robust differences in log pay, by study, pooled, with what would undo them."""

from paylens.model.fit.premiums.beside import with_model
from paylens.model.fit.premiums.moves import FEWEST
from paylens.model.fit.premiums.table import SCHEMA, card, premiums

__all__ = ["FEWEST", "SCHEMA", "card", "premiums", "with_model"]
