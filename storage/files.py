"""What an Agent attached to a Parcel; from its first try on the rendered bytes have it too."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select

from bot.model import File
from storage.noun import Noun
from storage.schema import parcel_file


class Files(Noun):
    def put(self, parcel: UUID, files: Sequence[File]) -> None:
        for ordinal, one in enumerate(files):
            values = {"parcel": parcel, "ordinal": ordinal, "name": one.name, "type": one.type, "data": one.data}
            self.run(insert(parcel_file).values(values))

    def of(self, parcel: UUID) -> tuple[File, ...]:
        """In the order in which they were attached."""
        rows = self.run(select(parcel_file).where(parcel_file.c.parcel == parcel).order_by(parcel_file.c.ordinal))
        return tuple(File(row.name, row.type, row.data) for row in rows)
