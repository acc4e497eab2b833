"""Proofs of identity that are good once."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from webapp.accounts.tokens import hash_of
from webapp.db import insert_into
from webapp.models import SpentProof, utc_now


def spend(session: Session, proof: str, expires_at: datetime) -> bool:
    """Whether a proof is here for the first time; it is remembered until nobody would take it any more."""
    session.execute(delete(SpentProof).where(col(SpentProof.expires_at) < utc_now()))
    entry = insert_into(session, SpentProof).values(proof_hash=hash_of(proof), expires_at=expires_at)
    new = session.execute(entry.on_conflict_do_nothing().returning(col(SpentProof.proof_hash)))
    return new.first() is not None
