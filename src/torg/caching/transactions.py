"""Whether this thread is in a transaction: it may see what is not committed, and not see what is."""

from django.db import connection
from psycopg.pq import TransactionStatus


def is_in_transaction() -> bool:
    """Say whether a transaction is open on this thread's connection, whoever opened it."""
    if connection.in_atomic_block:
        return True
    if connection.connection is None:
        return False
    status = connection.connection.pgconn.transaction_status
    return not connection.autocommit or status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}
