"""Screening: from vendors' exports to linked records, decisions and the PRISMA 2020 counts."""
